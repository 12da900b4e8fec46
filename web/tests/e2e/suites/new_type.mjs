// A node type that only this test knows: palette, canvas, form and help come from what the server says of it, and from nothing in web/.
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'

const type = {
  type: 'weather_oracle',
  version: 1,
  group: 'data',
  title: 'Weather oracle',
  summary: 'Asks the sky',
  docs: { en: '# Weather oracle\n\nLooks at **clouds** only.' },
  icon: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/></svg>',
  entry: false,
  mode: 'each',
  inputs: ['main'],
  outputs: ['dry', 'wet'],
  config: {
    type: 'object',
    required: ['city'],
    additionalProperties: false,
    properties: {
      city: { type: 'string', title: 'City', description: 'Where to look' },
      depth: { type: 'string', title: 'Depth', enum: ['shallow', 'deep'], default: 'shallow' },
      days: { type: 'integer', title: 'Days', minimum: 1, maximum: 9, default: 3 },
      loud: { type: 'boolean', title: 'Loud' },
    },
  },
  text: { ru: { title: 'Оракул погоды', summary: 'Спрашивает небо' } },
}

export default async function newType({ test, browser, server }) {
  await test('a node type that only this test knows is in the palette, on the canvas, in the form and in the help', async () => {
    const sample = (await server.api('/node-types')).items.find((one) => one.type === 'set')
    // The shape is the server's own: what the test leaves out comes from a real type.
    const made = { ...sample, ...type }
    const { id } = await server.api('/workflows', { name: 'Oracle', nodes: [], edges: [] })
    const { page, context, complaints } = await openPage(browser, server, { width: 1440, height: 900 })
    await page.route('**/api/v1/node-types*', async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, json: { items: [...(await answer.json()).items, made] } })
    })
    await page.goto(`${server.url}/workflows/${id}`)
    await page.getByRole('searchbox').fill('oracle')
    await page.getByRole('button', { name: /Weather oracle/ }).click()
    const card = page.locator('[data-id=weather_oracle]')
    await card.getByText('Weather oracle').waitFor()
    assert.equal(await card.locator('.type-icon circle').count(), 1)
    assert.deepEqual(await card.locator('.port-name').allTextContents(), ['dry', 'wet'])
    await card.dblclick()
    const form = page.locator('.inspector')
    for (const label of ['City', 'Depth', 'Days', 'Loud'])
      await form
        .getByText(new RegExp(`^${label}`))
        .first()
        .waitFor()
    await form.locator('.schema-field', { hasText: 'City' }).locator('input, textarea').first().fill('Omsk')
    await form.getByRole('tab', { name: 'Help' }).click()
    await form.locator('strong', { hasText: 'clouds' }).waitFor()
    assert.deepEqual(
      complaints.filter((line) => !/400/.test(line)),
      [],
    )
    await context.close()
  })
}
