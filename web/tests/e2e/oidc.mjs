// Signing in at a real OpenID Connect provider: linked by the user, refused as a stranger, made as somebody new; with a secret and without one.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBrowser, openPage } from './browser.mjs'
import { startProvider } from './provider.mjs'
import { startServer } from './server.mjs'

const password = 'correct horse battery'
const folder = mkdtempSync(join(tmpdir(), 'mbflow-oidc-'))
const secretFile = join(folder, 'secret')
const secret = 'a secret: with +, % and /'
writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 })

const provider = await startProvider()
const words =
  (id, ...more) =>
  (url) => ['--public-url', url, '--oidc-issuer', provider.issuer, '--oidc-client-id', id, '--oidc-name', 'Example', ...more]
const closed = await startServer(words('confidential', '--oidc-secret-file', secretFile))
const open = await startServer(words('public', '--oidc-role', 'viewer'))
provider.register([
  { client_id: 'confidential', client_secret: secret, url: closed.url, id_token_signed_response_alg: 'RS256' },
  { client_id: 'public', token_endpoint_auth_method: 'none', url: open.url, id_token_signed_response_alg: 'ES256' },
])
const browser = await openBrowser()
let failures = 0

async function test(name, work, options = {}) {
  const { page, context } = await openPage(browser, closed, { signedIn: false, ...options })
  try {
    await work(page, context)
    console.log(`ok   ${name}`)
  } catch (error) {
    failures++
    console.log(`FAIL ${name}\n     ${error?.message ?? error}\n     at ${page.url()}`)
  }
  await context.close()
}

/** On the provider's pages: who one is, and that it may be told. */
async function agree(page, login) {
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill('any')
  await page.locator('button[type=submit]').click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

async function signInThere(page, server, login, path = '/') {
  await page.goto(`${server.url}${path}`)
  await page.getByRole('link', { name: /Example$/ }).click()
  await agree(page, login)
}

try {
  await test('a user links their account, and from then on signs in there', async (page, context) => {
    await page.goto(`${closed.url}/#first-start=${closed.firstStart}`)
    await page.getByLabel('Login').fill('owner@example.com')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByLabel('Password once more').fill(password)
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor()

    await page.goto(`${closed.url}/settings/account`)
    await page.getByRole('button', { name: 'Link with Example' }).click()
    await page.getByRole('dialog').getByLabel('Present password').fill('not it at all')
    await page.getByRole('button', { name: 'Go there' }).click()
    await page.getByText('This is not your present password').waitFor()
    await page.getByRole('dialog').getByLabel('Present password').fill(password)
    await page.getByRole('button', { name: 'Go there' }).click()
    await agree(page, 'anna')
    await page.getByText(`You can sign in as “anna” of ${provider.issuer}`).waitFor()

    await context.clearCookies({ domain: '127.0.0.1' })
    await signInThere(page, closed, 'anna', '/executions?status=failed')
    await page.waitForURL(`${closed.url}/executions?status=failed`)
    await page.getByRole('heading', { name: 'Executions' }).waitFor()
    assert.equal(await page.evaluate(() => document.cookie), '')
    assert.deepEqual(
      (await context.cookies(closed.url))
        .filter(({ name }) => name.startsWith('mbflow'))
        .map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]),
      [['mbflow', true, 'Lax']],
    )
    await page.goto(`${closed.url}/settings/users`)
    await page.getByText('linked: anna').waitFor()
    await page.goto(`${closed.url}/settings/account`)
    await page.getByRole('button', { name: 'Unlink' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Unlink' }).click()
    await page.getByText('The link is gone', { exact: true }).waitFor()
  })

  await test(
    'ru: a stranger is told whom to ask, also one with the e-mail address of a user',
    async (page) => {
      await signInThere(page, closed, 'owner')
      await page.getByRole('alert').getByText('С этой учётной записью здесь никто не связан').waitFor()
      assert.match(page.url(), /\/sign-in\?error=oidc\.unknown_user$/)
      const { items } = await closed.api('/users')
      assert.deepEqual(
        items.map(({ login, oidc }) => [login, oidc]),
        [['owner@example.com', null]],
      )
    },
    { language: 'ru' },
  )

  await test('somebody new comes in where everybody may, by a public client and ES256', async (page) => {
    await signInThere(page, open, 'newcomer')
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
    await page.goto(`${open.url}/settings/account`)
    await page.getByText('It is your only way in').waitFor()
    const { items } = await open.api('/users')
    assert.deepEqual(
      items.map(({ login, name, has_password, oidc }) => [login, name, has_password, oidc]),
      [['newcomer@example.com', 'Name of newcomer', false, { issuer: provider.issuer, subject: 'newcomer' }]],
    )
  })

  await test('who says no there is told so here', async (page) => {
    await page.goto(closed.url)
    await page.getByRole('link', { name: 'Sign in with Example' }).click()
    await page.getByRole('link', { name: /Cancel/ }).click()
    await page.getByRole('alert').getByText('did not agree').waitFor()
  })
} finally {
  await browser.close()
  await Promise.all([closed.stop(), open.stop(), provider.stop()])
  rmSync(folder, { recursive: true, force: true })
}
console.log(failures ? `${failures} failed` : '4 passed, 0 failed')
process.exitCode = failures ? 1 : 0
