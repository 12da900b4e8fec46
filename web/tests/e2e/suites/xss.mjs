// 150 texts that would be scripts if any page took them for markup, through every field that is shown: no dialog, nothing run, no report
// of the page's policy.
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'

const RUN = 'window.__ran=1'
const tags = [
  'script',
  'img',
  'svg',
  'iframe',
  'body',
  'video',
  'audio',
  'details',
  'input',
  'object',
  'math',
  'marquee',
  'style',
  'link',
  'form',
]
const wrappers = [
  (tag) => `<${tag} onload=${RUN} onerror=${RUN} src=x>`,
  (tag) => `"><${tag} autofocus onfocus=${RUN} src=x onerror=${RUN}>`,
  (tag) => `'/><${tag.toUpperCase()} ontoggle=${RUN} open onerror='${RUN}' src="x">`,
  (tag) => `</textarea></title></style><${tag} src=javascript:${RUN} onerror=${RUN}></${tag}>`,
  (tag) => `<<${tag}/onload=${RUN} srcdoc="<script>parent.${RUN}</script>">`,
  (tag) => `&lt;${tag} onerror=${RUN}&gt;<${tag}\n\tonerror\n=\n${RUN} src=x>`,
  (tag) => `[x](javascript:${RUN}) <${tag} style="background:url(javascript:${RUN})" onerror=${RUN} src=x>`,
  (tag) => `{{ constructor.constructor("${RUN}")() }} <${tag} src=x onerror=${RUN}>`,
  (tag) => `![x](x" onerror="${RUN}) \`<${tag} src=x onerror=${RUN}>\``,
  (tag) => `data:text/html,<${tag} onload=${RUN}> <a href="javascript:${RUN}">${tag}</a> @:evil %s {n}`,
]
export const corpus = tags.flatMap((tag) => wrappers.map((wrap) => wrap(tag)))

/** One workflow carries many of them, in every field that takes a text. */
function workflow(texts, number) {
  const take = (i) => texts[i % texts.length]
  const nodes = texts.map((text, i) => ({
    id: i === 0 ? 'start' : `n${i}`,
    name: `${i} ${text}`.replace(/[\n\t]/g, ' '),
    type: i === 0 ? 'manual' : i === 1 ? 'fail' : 'set',
    config:
      i === 0
        ? {}
        : i === 1
          ? { message: text.replaceAll('{{', '{') }
          : { values: { [`k${text}`.replaceAll('{{', '{')]: text.replaceAll('{{', '{') } },
    notes: text,
    ...(i === 1 ? { on_error: 'continue' } : {}),
    position: { x: (i % 5) * 352, y: Math.floor(i / 5) * 112 },
  }))
  return {
    name: `${number} ${take(0)}`.replace(/[\n\t]/g, ' ').slice(0, 200),
    description: take(1),
    tags: texts.slice(0, 10).map((text) => text.slice(0, 100)),
    variables: { [take(2)]: take(3) },
    nodes,
    edges: nodes.slice(1).map((node) => ({ source: 'start', target: node.id })),
    ui: {
      notes: texts.slice(0, 6).map((text, i) => ({ id: `m${i}`, text, x: i * 260, y: -240 })),
      groups: [{ id: 'g', name: take(4).replace(/[\n\t]/g, ' '), nodes: ['start', 'n2'] }],
    },
  }
}

export default async function xss({ test, browser, server }) {
  await test(`xss: ${corpus.length} texts through every shown field`, async () => {
    assert.equal(corpus.length, 150)
    assert.equal(new Set(corpus).size, 150)
    const { page, context, complaints } = await openPage(browser, server, { width: 1440, height: 900 })
    const bad = []
    page.on('dialog', (dialog) => (bad.push(`dialog: ${dialog.message()}`), dialog.dismiss()))
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective}`)),
    )
    const look = async (path, ready) => {
      await page.goto(server.url + path)
      await page.locator(ready).first().waitFor()
      if (await page.evaluate(() => window.__ran)) bad.push(`run on ${path}`)
    }
    for (let i = 0; i < corpus.length; i += 75) {
      const made = await server.api('/workflows', workflow(corpus.slice(i, i + 75), i))
      const input = Object.fromEntries(corpus.slice(i, i + 75).map((text) => [text, text]))
      const { id } = await server.api(`/workflows/${made.id}/execute?wait=10s`, { input })
      await look(`/workflows/${made.id}?execution=${id}`, '.timeline li')
      await page.getByRole('tab', { name: 'Outline' }).click()
      await page.locator('[data-id=n1]').dblclick()
      await page.locator('.inspector .schema-field').first().waitFor()
      for (const tab of ['Settings', 'Input', 'Output']) await page.locator('.inspector').getByRole('tab', { name: tab }).click()
      await look(`/executions/${id}`, '[role=tab]')
      for (const n of [1, 2]) await page.getByRole('tab').nth(n).click()
    }
    for (const path of ['/', '/workflows', '/executions', '/triggers']) await look(path, 'main h1, main table, main li, main a')
    if (await page.evaluate(() => window.__ran)) bad.push('run at the end')
    assert.deepEqual([...bad, ...complaints], [])
    await context.close()
  })
}
