// A workflow made, saved, published and run with the keyboard alone; then everything undone and done again.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBrowser, openPage } from './browser.mjs'
import { startServer } from './server.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const server = await startServer()
const browser = await openBrowser()

async function tabTo(page, selector, most = 80) {
  for (let i = 0; i < most; i++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${selector}`)
}

const said = (page, pattern) =>
  page.waitForFunction((text) => new RegExp(text).test(document.querySelector('.workspace > [role=status]')?.textContent ?? ''), pattern)
const names = (page) => page.$$eval('.vue-flow__node', (cards) => cards.map((card) => card.getAttribute('data-id')))

async function add(page, query) {
  await page.keyboard.press('a')
  await page.waitForSelector('dialog [role=combobox]')
  await page.keyboard.type(query)
  await page.keyboard.press('Enter')
  await page.waitForSelector('dialog', { state: 'detached' })
}

async function build(page) {
  await tabTo(page, '.flow-canvas')
  await add(page, 'manual')
  await add(page, 'set fields')
  await said(page, 'Added Set fields after Manual start')
  await add(page, 'if')
  await page.keyboard.press('F2')
  await page.keyboard.type('Is it much?')
  await page.keyboard.press('Enter')
  await said(page, 'Renamed to Is it much')
  await add(page, 'pass')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await tabTo(page, '.inspector .expression textarea, .inspector .code-host')
  await page.waitForSelector('.code-host >> visible=true')
  await page.waitForTimeout(200)
  await page.keyboard.type('{{ $json.total > 10')
  await page.waitForTimeout(700)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
}

async function fillSet(page) {
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await tabTo(page, '.map .fresh input')
  await page.keyboard.type('total')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.map .entry[data-key=total]')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Shift+Tab')
  await page.waitForSelector('.map .code-host >> visible=true')
  await page.waitForTimeout(200)
  await page.keyboard.type('{{ $json.price * 2')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
}

async function connect(page) {
  // A second way out of the fork: port `false`, chosen by the arrow keys of the radio group.
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('c')
  await page.waitForSelector('dialog [role=combobox]')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Tab')
  await page.keyboard.type('pass')
  await page.keyboard.press('Enter')
  await said(page, 'Connected Is it much\\? to Pass through')
  await page.keyboard.press('e')
  await said(page, 'Edge: ')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Alt+ArrowDown')
  await said(page, 'Moved 1 node')
}

async function run(page) {
  await page.keyboard.press('Control+s')
  await said(page, 'Saved as version 2')
  await tabTo(page, '.editor-bar .primary')
  await page.keyboard.press('Enter')
  await said(page, 'Version 2 is published')
  await tabTo(page, '.flow-canvas')
  await page.keyboard.press('Control+Enter')
  await said(page, 'The run has succeeded')
  await page.waitForFunction(() => {
    const cards = [...document.querySelectorAll('.step')]
    return cards.length === 4 && cards.every((card) => card.dataset.state === 'succeeded')
  })
}

async function undoAll(page) {
  await tabTo(page, '.flow-canvas')
  const before = await names(page)
  for (let i = 0; i < 60 && (await names(page)).length; i++) await page.keyboard.press('Control+z')
  assert.deepEqual(await names(page), [], 'everything is undone')
  for (let i = 0; i < 60; i++) await page.keyboard.press('Control+y')
  assert.deepEqual(await names(page), before)
  await page.waitForFunction(() => /Saved/.test(document.querySelector('.editor-bar [role=status]').textContent))
}

async function accessible(page, what) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run('.editor', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }),
  )
  const grave = violations.filter((fault) => ['serious', 'critical'].includes(fault.impact))
  assert.deepEqual(
    grave.map((fault) => `${fault.id}: ${fault.nodes[0].html}`),
    [],
    what,
  )
}

try {
  const { id } = await server.api('/workflows', { name: 'By keyboard', nodes: [], edges: [] })
  const { page, complaints } = await openPage(browser, server, { width: 1440, height: 900 })
  await page.goto(`${server.url}/workflows/${id}`)
  await page.waitForSelector('.flow-canvas')
  await build(page)
  await fillSet(page)
  await connect(page)
  const types = await page.$$eval('.vue-flow__node', (cards) => cards.length)
  assert.equal(types, 4)
  await run(page)
  const saved = await server.api(`/workflows/${id}`)
  assert.deepEqual(
    saved.edges.map((edge) => [edge.source, edge.source_port ?? 'main', edge.target].join(' ')),
    ['manual main set', 'set main conditional', 'conditional true noop', 'conditional false noop'],
  )
  assert.equal(saved.nodes[1].config.values.total.replaceAll(' ', ''), '{{$json.price*2}}')
  await undoAll(page)
  await accessible(page, 'light, English')
  assert.deepEqual(complaints, [])
  const russian = await openPage(browser, server, { width: 1440, height: 900, language: 'ru', theme: 'dark' })
  await russian.page.goto(`${server.url}/workflows/${id}`)
  await russian.page.waitForSelector('.step .card')
  await russian.page.dblclick('[data-id=set]')
  await russian.page.waitForSelector('.inspector .map')
  await accessible(russian.page, 'dark, Russian')
  assert.deepEqual(russian.complaints, [])
  console.log('editor: made, saved, published, run and undone by keyboard; no serious fault of accessibility in two themes and languages')
} catch (error) {
  // What was on the screen tells more than the line that failed.
  const open = browser.contexts().at(-1)?.pages()[0]
  await open?.screenshot({ path: join(tmpdir(), 'mbflow-editor-failed.png') })
  throw error
} finally {
  await browser.close()
  await server.stop()
}
