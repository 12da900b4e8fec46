// The editor by mouse alone: handles, edges, frames, fields, notes and groups. Each way ends in what is saved.
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'

const at = (x, y) => ({ x, y })
const graph = () => ({
  name: 'By mouse',
  nodes: [
    { id: 'start', name: 'Start', type: 'manual', position: at(0, 0) },
    { id: 'one', name: 'One', type: 'set', config: { values: { total: 1 } }, position: at(352, 0) },
    { id: 'two', name: 'Two', type: 'set', config: { values: { text: 'x' } }, position: at(352, 160) },
  ],
  edges: [{ source: 'start', target: 'one' }],
})

const middle = async (locator) => {
  const box = await locator.boundingBox()
  return at(box.x + box.width / 2, box.y + box.height / 2)
}
async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  for (let i = 1; i <= 5; i++) await page.mouse.move(from.x + ((to.x - from.x) * i) / 5, from.y + ((to.y - from.y) * i) / 5)
  await page.mouse.up()
}
const card = (page, id) => page.locator(`.vue-flow__node[data-id="${id}"]`)
const handle = (page, id, side) => card(page, id).locator(`.vue-flow__handle.${side}`).first()
const edges = ({ edges }) => edges.map(({ source, target }) => `${source} ${target}`)

export default async function mouse({ test, browser, server }) {
  const { id } = await server.api('/workflows', graph())
  const run = await server.api(`/workflows/${id}/execute?wait=10s`, { input: { price: 7 } })
  assert.equal(run.status, 'succeeded')
  const { page, context, complaints } = await openPage(browser, server, { width: 1440, height: 900 })
  await page.goto(`${server.url}/workflows/${id}`)
  await card(page, 'two').waitFor()
  const saved = async () => {
    await page.keyboard.press('Control+s')
    await page.waitForFunction(() => /Saved/.test(document.querySelector('.editor-bar [role=status]').textContent))
    return server.api(`/workflows/${id}`)
  }

  await test('mouse: a handle is dragged to another node', async () => {
    await drag(page, await middle(handle(page, 'start', 'source')), await middle(handle(page, 'two', 'target')))
    assert.deepEqual(edges(await saved()), ['start one', 'start two'])
  })
  await test('mouse: a handle let go over the canvas asks what comes there, and connects it', async () => {
    const from = await middle(handle(page, 'one', 'source'))
    await drag(page, from, at(from.x + 160, from.y - 160))
    await page.locator('dialog [role=combobox]').fill('pass')
    await page.locator('dialog [role=option]').first().click()
    await card(page, 'noop').waitFor()
    assert.deepEqual(edges(await saved()), ['start one', 'start two', 'one noop'])
  })
  await test('mouse: an edge that is pointed at takes a node in its middle', async () => {
    const [from, to] = [await middle(handle(page, 'start', 'source')), await middle(handle(page, 'one', 'target'))]
    await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2 + 3)
    await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2)
    await page.getByRole('button', { name: 'Insert a node between Start and One' }).click()
    await page.locator('dialog [role=combobox]').fill('pass')
    await page.locator('dialog [role=option]').first().click()
    await card(page, 'noop_2').waitFor()
    const now = edges(await saved())
    assert.deepEqual(now.slice(0, 2), ['start noop_2', 'noop_2 one'])
    assert.ok(!now.includes('start one'))
  })
  await test('mouse: a node is dragged, and undo brings it back', async () => {
    const before = await card(page, 'two').boundingBox()
    await drag(page, at(before.x + 120, before.y + 20), at(before.x + 120, before.y + 180))
    const after = await card(page, 'two').boundingBox()
    assert.ok(after.y > before.y + 100, `${before.y} → ${after.y}`)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.waitForFunction((y) => Math.abs(document.querySelector('[data-id=two]').getBoundingClientRect().y - y) < 2, before.y)
  })
  await test('mouse: a frame drawn with Shift selects, the bar aligns and groups, the name of the group moves it', async () => {
    const [one, two] = [await card(page, 'one').boundingBox(), await card(page, 'two').boundingBox()]
    await page.keyboard.down('Shift')
    await drag(page, at(Math.min(one.x, two.x) - 20, one.y - 20), at(Math.max(one.x, two.x) + one.width + 20, two.y + two.height + 20))
    await page.keyboard.up('Shift')
    const bar = page.getByRole('toolbar', { name: 'Arrange' })
    await bar.getByRole('button', { name: 'Align right edges' }).click()
    await bar.getByRole('button', { name: 'Group', exact: true }).click()
    await bar.getByRole('textbox', { name: 'Name of the group' }).fill('Numbers')
    await bar.getByRole('button', { name: 'Blue' }).click()
    const head = await middle(page.locator('.group-frame .head'))
    await drag(page, head, at(head.x, head.y + 64))
    const { nodes, ui } = await saved()
    const [a, b] = ['one', 'two'].map((name) => nodes.find((node) => node.id === name).position)
    assert.equal(a.x, b.x)
    assert.ok(a.y > 0)
    assert.deepEqual(ui.groups, [{ id: 'group', name: 'Numbers', nodes: ['one', 'two'], colour: 'blue' }])
  })
  await test('mouse: a note is added by a key, written, moved, sized, coloured, and undone', async () => {
    // An empty place: a note lies under the cards.
    await page.mouse.move(700, 300)
    await page.mouse.down({ button: 'middle' })
    await page.mouse.move(700, 850, { steps: 5 })
    await page.mouse.up({ button: 'middle' })
    await page.locator('.flow-canvas').focus()
    await page.keyboard.press('Shift+S')
    await page.locator('.canvas-note textarea').fill('**Mind** the gap <img src=x>')
    await page.keyboard.press('Escape')
    const note = page.locator('.canvas-note')
    await note.locator('strong', { hasText: 'Mind' }).waitFor()
    const box = await note.boundingBox()
    await drag(page, at(box.x + 30, box.y + 60), at(box.x - 34, box.y + 60))
    const corner = await middle(note.locator('.corner'))
    await drag(page, corner, at(corner.x + 64, corner.y + 32))
    await note.getByRole('button', { name: 'Green' }).click()
    const [kept] = (await saved()).ui.notes
    assert.equal(kept.text, '**Mind** the gap <img src=x>')
    assert.equal(kept.colour, 'green')
    assert.ok(kept.width > 240 && kept.height > 160, JSON.stringify(kept))
    await page.locator('.flow-canvas').focus()
    for (let i = 0; i < 5; i++) await page.keyboard.press('Control+z')
    await note.waitFor({ state: 'detached' })
    await page.keyboard.press('Control+y')
    await note.waitFor()
  })
  await test('mouse: a field of the last run is dragged into a parameter', async () => {
    await saved()
    await server.api(`/workflows/${id}/execute?wait=10s`, { input: { price: 7 } })
    await page.reload()
    await card(page, 'one').waitFor()
    await card(page, 'one').dblclick()
    await page.getByRole('button', { name: 'Input, parameters and output side by side' }).click()
    const field = page.getByRole('region', { name: 'Input' }).locator('li', { hasText: 'price' })
    await field.dragTo(page.locator('.inspector .map .entry[data-key=total]'))
    await page.getByRole('button', { name: 'Close' }).first().click()
    const { nodes } = await saved()
    assert.match(JSON.stringify(nodes.find((node) => node.id === 'one').config), /\{\{ \$json\.price \}\}/)
  })
  await test('mouse: nothing was complained of', () => assert.deepEqual(complaints, []))
  await context.close()
}
