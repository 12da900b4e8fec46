// Pictures of every page in both themes, for the docs and for looking at.
import { mkdirSync } from 'node:fs'
import { openBrowser, openPage } from './browser.mjs'
import { fill } from './sample.mjs'
import { startServer } from './server.mjs'

const folder = process.env.MBFLOW_SHOTS ?? new URL('../../../docs/images/ui/', import.meta.url).pathname
mkdirSync(folder, { recursive: true })
const server = await startServer()
const browser = await openBrowser()
const settle = async (page) => {
  await page.waitForLoadState('networkidle').catch(() => {})
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(400)
}

async function shoot(theme, name, path, options = {}, before = async () => {}) {
  const { page, context, complaints } = await openPage(browser, server, { theme, ...options })
  await page.goto(server.url + path)
  await settle(page)
  await before(page)
  await settle(page)
  await page.screenshot({ path: `${folder}${name}-${theme}.png` })
  if (complaints.length) console.log(`${name}-${theme}:`, complaints.join('\n  '))
  await context.close()
}

const only = process.argv[2]
try {
  const empty = [
    ['dashboard-empty', '/', {}],
    ['workflows-empty', '/workflows', {}],
    ['credentials-empty', '/credentials', {}],
    ['variables-empty', '/variables', {}],
    ['triggers-empty', '/triggers', {}],
  ]
  for (const theme of ['light', 'dark']) for (const shot of empty) if (!only || shot[0].startsWith(only)) await shoot(theme, ...shot)
  const { made, runs } = await fill(server)
  const order = {
    method: 'POST',
    headers: { authorization: 'Bearer a-long-secret', 'content-type': 'application/json' },
    body: '{"price":2,"count":3}',
  }
  for (let i = 0; i < 5; i++) await fetch(`${server.url}/webhooks/orders`, order)
  const pages = [
    ['sign-in', '/sign-in', { signedIn: false }],
    ['first-start', '/first-start#first-start=token', { signedIn: false }, (page) => page.getByRole('button', { name: 'Begin' }).click()],
    ['dashboard', '/'],
    ['workflows', '/workflows'],
    [
      'import',
      '/workflows?new=import',
      {},
      async (page) => {
        await page
          .locator('textarea')
          .fill(
            'name: Broken\nnodes:\n  - { id: a, name: Fetch, type: htttp }\n  - { id: b, name: Set, type: set }\nedges:\n  - { source: a, target: c }\n',
          )
        await page.getByRole('button', { name: 'Check and import' }).click()
      },
    ],
    ['execute', '/workflows', {}, (page) => page.getByRole('button', { name: 'Execute Order arrives' }).click()],
    ['editor', `/workflows/${made.users.id}`],
    [
      'editor-run',
      `/workflows/${made.users.id}?execution=${runs.users.id}`,
      { width: 1440, height: 900 },
      async (page) => {
        await page.locator('.vue-flow__node').nth(2).dblclick()
        await page.locator('.flow-canvas').focus()
        await page.keyboard.press('Digit1')
      },
    ],
    [
      'editor-ru',
      `/workflows/${made.failing.id}?execution=${runs.failing.id}`,
      { width: 1440, height: 900, language: 'ru' },
      (page) => page.locator('[data-id=check]').dblclick(),
    ],
    ['templates', '/templates'],
    ['executions', '/executions'],
    ['execution-timeline', `/executions/${runs.retrying.id}`],
    [
      'execution-data',
      `/executions/${runs.users.id}`,
      {},
      async (page) => {
        await page.getByRole('tab', { name: 'Data' }).click()
        await page.getByRole('button', { name: 'Transform Data' }).click()
      },
    ],
    ['execution-events', `/executions/${runs.users.id}`, {}, (page) => page.getByRole('tab', { name: /Events/ }).click()],
    ['execution-log', `/executions/${runs.retrying.id}`, {}, (page) => page.getByRole('tab', { name: /Log/ }).click()],
    ['triggers', '/triggers'],
    ['triggers-ru', '/triggers', { language: 'ru' }],
    ['schedule-form', `/workflows/${made.nightly.id}`, { width: 1440, height: 900 }, (page) => page.locator('[data-id=cron]').dblclick()],
    [
      'schedule-form-ru',
      `/workflows/${made.nightly.id}`,
      { width: 1440, height: 900, language: 'ru' },
      (page) => page.locator('[data-id=cron]').dblclick(),
    ],
    ['trigger', '/triggers', {}, (page) => page.getByRole('button', { name: 'More about New order' }).click()],
    ['versions', `/workflows/${made.users.id}/versions`],
    ['credentials', '/credentials'],
    ['credentials-callback', '/credentials/callback?error=access_denied'],
    ['credential', '/credentials', {}, (page) => page.getByRole('button', { name: 'New credential' }).click()],
    ['variables', '/variables'],
    ['variable', '/variables', {}, (page) => page.getByRole('button', { name: 'New variable' }).click()],
    ['nodes', '/nodes/http'],
    ['settings', '/settings'],
    ...['account', 'members', 'api-keys', 'audit', 'users', 'tenants', 'master-keys'].map((name) => [
      `settings-${name}`,
      `/settings/${name}`,
    ]),
    ['settings-new-key', '/settings/api-keys', {}, (page) => page.getByRole('button', { name: 'New API key' }).click()],
    [
      'palette',
      '/',
      {},
      async (page) => {
        await page.keyboard.press('Control+k')
        await page.waitForTimeout(300)
      },
    ],
    ['shortcuts', '/', {}, (page) => page.keyboard.press('?')],
    ['dashboard-ru', '/', { language: 'ru' }],
    ['execution-ru', `/executions/${runs.failing.id}`, { language: 'ru' }],
    ['phone-dashboard', '/', { width: 390, height: 800, touch: true }],
    ['phone-executions', '/executions', { width: 390, height: 800, touch: true, language: 'ru' }],
    ['phone-triggers', '/triggers', { width: 390, height: 800, touch: true }],
    ['phone-execution', `/executions/${runs.waiting.id}`, { width: 390, height: 800, touch: true }],
    ...(process.env.MBFLOW_GALLERY ? [['gallery', '/dev/gallery', { height: 1700 }]] : []),
  ]
  for (const theme of ['light', 'dark']) {
    for (const [name, path, options, before] of pages) {
      if (only && !name.startsWith(only)) continue
      await shoot(theme, name, path, options, before).catch((error) => console.error(`${name}-${theme}: ${error.message.split('\n')[0]}`))
    }
  }
} finally {
  await browser.close()
  await server.stop()
}
