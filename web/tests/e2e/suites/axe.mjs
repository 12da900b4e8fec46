// Every page in both themes and both languages: nothing serious or critical.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

async function findings(page) {
  const { violations } = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] }),
    tags,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map((node) => node.target.join(' '))
          .join(' | ')}`,
    )
}

/** By the router, as a link does: loading the whole site again for each page is what costs. */
async function go(page, path) {
  await page.evaluate((to) => {
    history.pushState({}, '', to)
    dispatchEvent(new PopStateEvent('popstate', { state: {} }))
  }, path)
  // Pages that follow what happens are never idle: what counts is that nothing is being loaded any more.
  await page.waitForTimeout(50)
  await page.waitForFunction(() => document.querySelector('main, form') && !document.querySelector('.skeleton'), undefined, {
    timeout: 5000,
  })
}

/** The cards of the canvas are drawn when it knows its size. */
async function canvas(page) {
  await page.waitForFunction(
    () => {
      const cards = [...document.querySelectorAll('.step')]
      return cards.length && cards.every((card) => card.textContent.trim())
    },
    undefined,
    { timeout: 15_000 },
  )
}

export default async function axe({ test, browser, server, made, runs }) {
  const tab = (name) => (page) => page.getByRole('tab').nth(name).click()
  const pages = [
    ['/sign-in', { signedIn: false }],
    ['/first-start#first-start=token', { signedIn: false }],
    ['/'],
    ['/workflows'],
    ['/workflows?new=import', {}, (page) => page.getByRole('dialog').waitFor()],
    [`/workflows/${made.users.id}`, {}, canvas],
    [
      `/workflows/${made.nightly.id}`,
      {},
      async (page) => {
        await canvas(page)
        await page.locator('[data-id=cron]').dblclick()
      },
    ],
    [`/workflows/${made.users.id}/versions`],
    ['/templates'],
    ['/executions'],
    [`/executions/${runs.retrying.id}`],
    [`/executions/${runs.users.id}`, {}, tab(1)],
    [`/executions/${runs.users.id}`, {}, tab(2)],
    [`/executions/${runs.failing.id}`, {}, tab(2)],
    [`/executions/${runs.users.id}`, {}, tab(3)],
    ['/executions/unknown'],
    ['/triggers'],
    ['/triggers', {}, (page) => page.getByRole('main').getByRole('row').nth(1).getByRole('button').last().click()],
    ['/credentials'],
    ['/credentials', {}, (page) => page.getByRole('main').getByRole('button').first().click()],
    ['/credentials/callback'],
    ['/variables'],
    ['/variables', {}, (page) => page.getByRole('main').getByRole('button').first().click()],
    ['/nodes'],
    ['/nodes/http'],
    ['/settings'],
    ...['account', 'members', 'api-keys', 'audit', 'users', 'tenants', 'master-keys'].map((name) => [`/settings/${name}`]),
    ['/settings/api-keys', {}, (page) => page.getByRole('main').getByRole('button').first().click()],
    ['/dev/gallery'],
    ['/nowhere'],
    ['/', {}, (page) => page.keyboard.press('Control+k')],
    ['/executions', { width: 390, touch: true }],
    ['/triggers', { width: 390, touch: true }],
    [`/executions/${runs.failing.id}`, { width: 390, touch: true }],
  ]
  await test('axe: no page of the router is left out', async () => {
    const { page, context } = await openPage(browser, server)
    await page.goto(server.url)
    await page.getByRole('main').waitFor()
    const left = await page.evaluate(
      (paths) => {
        const router = document.querySelector('#app').__vue_app__.config.globalProperties.$router
        const seen = new Set(paths.map((path) => router.resolve(path).matched.at(-1)?.path))
        const isPage = (route) => !route.redirect && !route.children.length
        return router
          .getRoutes()
          .filter((route) => isPage(route) && !seen.has(route.path))
          .map((route) => route.path)
      },
      pages.map(([path]) => path),
    )
    assert.deepEqual(left, [])
    await context.close()
  })
  const byOptions = new Map()
  for (const [path, options = {}, before] of pages) {
    const key = JSON.stringify(options)
    byOptions.set(key, [...(byOptions.get(key) ?? []), [path, before]])
  }
  // AXE: all pairs of theme and language, one of them, or (unset) each theme and each language once.
  const pairs = { all: ['light', 'dark'], one: ['light'] }[process.env.AXE]
  for (const language of process.env.AXE === 'one' ? ['en'] : ['en', 'ru']) {
    for (const theme of pairs ?? [language === 'en' ? 'light' : 'dark']) {
      await test(`axe: ${pages.length} pages, ${language}, ${theme}`, async () => {
        const found = []
        for (const [options, list] of byOptions) {
          const { page, context } = await openPage(browser, server, { language, theme, ...JSON.parse(options) })
          await page.goto(server.url + list[0][0])
          // Evaluated by the debugger, which the page's policy does not bind.
          await page.evaluate(source)
          for (const [path, before] of list) {
            await go(page, path)
            await before?.(page)
            await page.waitForTimeout(250)
            for (const finding of await findings(page)) found.push(`${path} ${finding}`)
            await page.keyboard.press('Escape')
          }
          await context.close()
        }
        assert.deepEqual(found, [])
      })
    }
  }
}
