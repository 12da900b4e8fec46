// People: the first start, signing in and out, passwords, who may do what; keys and the audit log.
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'

const password = 'correct horse battery'
const owner = 'owner@example.com'

async function signIn(page, server, login, secret, path = '/') {
  await page.goto(`${server.url}${path}`)
  await page.waitForURL(/sign-in/)
  await page.getByLabel(/^(Login|Логин)$/).fill(login)
  await page.getByLabel(/^(Password|Пароль)$/).fill(secret)
  await page.keyboard.press('Enter')
}

async function asNobody(browser, server, options, work) {
  const { page, context, complaints } = await openPage(browser, server, { signedIn: false, ...options })
  await work(page)
  // Being refused is what some of these are about; the browser notes it.
  assert.deepEqual(
    complaints.filter((text) => !/40[01349]/.test(text)),
    [],
  )
  await context.close()
}

export default async function access({ test, browser, server }) {
  await test('the first start makes an owner, who is signed in by a cookie that no script sees', () =>
    asNobody(browser, server, {}, async (page) => {
      await page.goto(`${server.url}/#first-start=${server.firstStart}`)
      await page.getByRole('button', { name: 'Begin' }).click()
      await page.getByText('Choose a login.').waitFor()
      assert.equal(await page.locator('[aria-invalid=true]').count(), 2)
      await page.getByLabel('Login').fill(owner)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByLabel('Password once more').fill(password)
      await page.getByRole('button', { name: 'Begin' }).click()
      await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
      assert.equal(await page.evaluate(() => document.cookie + JSON.stringify(sessionStorage)), '{}')
      assert.equal(new URL(page.url()).hash, '')
      await page.goto(`${server.url}/#first-start=${server.firstStart}`)
      await page.getByLabel('Login').fill('second@example.com')
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByLabel('Password once more').fill(password)
      await page.getByRole('button', { name: 'Begin' }).click()
      await page.getByRole('alert').waitFor()
    }))

  await test('ru: sign in and come back, change the password, sign out', () =>
    asNobody(browser, server, { language: 'ru' }, async (page) => {
      await signIn(page, server, owner, 'not the password', '/settings/account')
      await page.getByText('Неверный логин или пароль').waitFor()
      await page.getByLabel('Пароль', { exact: true }).fill(password)
      await page.keyboard.press('Enter')
      await page.waitForURL(/settings\/account$/)
      await page.getByRole('button', { name: 'Сменить пароль' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Нынешний пароль').fill('not it')
      await dialog.getByLabel('Новый пароль').fill(`${password} staple`)
      await dialog.getByLabel('Пароль ещё раз').fill(`${password} staple`)
      await dialog.getByRole('button', { name: 'Сменить' }).click()
      await dialog.getByText('Это не ваш нынешний пароль.').waitFor()
      await dialog.getByLabel('Нынешний пароль').fill(password)
      await dialog.getByRole('button', { name: 'Сменить' }).click()
      await dialog.waitFor({ state: 'detached' })
      await page.getByRole('main').getByRole('button', { name: 'Выйти' }).click()
      await page.waitForURL(/sign-in/)
      await page.goto(`${server.url}/workflows`)
      await page.waitForURL(/sign-in\?to=/)
    }))

  await test('an owner makes a user, a member, a tenant and a key; the log has it all and is sound', () =>
    asNobody(browser, server, {}, async (page) => {
      await signIn(page, server, owner, `${password} staple`, '/settings/users')
      await page.getByRole('button', { name: 'New user' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Login').fill('viewer@example.com')
      await dialog.getByLabel('Password').fill('short')
      await dialog.getByRole('button', { name: 'New user' }).click()
      await dialog.getByText('It needs 12 characters').waitFor()
      await dialog.getByLabel('Password').fill(password)
      await dialog.getByLabel('Role in this tenant').selectOption('viewer')
      await dialog.getByRole('button', { name: 'New user' }).click()
      await page.getByRole('row', { name: /viewer@example/ }).waitFor()

      await page.getByRole('link', { name: 'Members' }).click()
      await page.getByLabel('Role of viewer@example.com').selectOption('operator')
      await page.getByText('The role of viewer@example.com is changed').first().waitFor()

      await page.getByRole('link', { name: 'Tenants' }).click()
      await page.getByRole('button', { name: 'New tenant' }).click()
      await dialog.getByLabel('Name').fill('workshop')
      await dialog.getByRole('button', { name: 'New tenant' }).click()
      await page.getByRole('row', { name: /workshop/ }).waitFor()

      await page.getByRole('link', { name: 'API keys' }).click()
      await page.getByRole('button', { name: 'New API key' }).click()
      await dialog.getByLabel('Name').fill('ci')
      await dialog.getByLabel('Part').selectOption('workflows')
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await dialog.getByRole('button', { name: 'New API key' }).click()
      const secret = await dialog.getByText(/^mbf_/).textContent()
      const call = (path) => fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${secret.trim()}` } })
      assert.equal((await call('/workflows')).status, 200)
      assert.equal((await call('/executions')).status, 403)
      await dialog.getByRole('button', { name: 'I have kept it' }).click()
      await page.getByRole('button', { name: 'Revoke ci' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
      await page.getByRole('row', { name: /ci.*Revoked/ }).waitFor()
      assert.equal((await call('/workflows')).status, 401)

      await page.getByRole('link', { name: 'Audit log' }).click()
      await page.getByRole('row', { name: /revoke_api_key/ }).waitFor()
      await page.getByRole('button', { name: 'Check the chain' }).click()
      await page.getByText(/rows, all as they were written/).waitFor()

      await page.getByRole('button', { name: 'Account and help' }).click()
      await page.getByRole('menuitem', { name: 'workshop' }).click()
      await page.waitForLoadState()
      await page.getByRole('link', { name: 'Workflows' }).click()
      await page.getByText('No workflows yet').waitFor()
    }))

  await test('what a role may not do is not offered, and refused with a reason', () =>
    asNobody(browser, server, {}, async (page) => {
      await signIn(page, server, 'viewer@example.com', password, '/workflows')
      await page.getByRole('row', { name: /Order arrives/ }).waitFor()
      await page.getByRole('button', { name: 'Execute Order arrives' }).waitFor()
      for (const name of ['New workflow', 'Import']) assert.equal(await page.getByRole('button', { name }).count(), 0, name)
      await page.getByRole('button', { name: 'More about Order arrives' }).click()
      assert.equal(await page.getByRole('menuitem', { name: 'Delete' }).count(), 0)
      await page.goto(`${server.url}/settings`)
      await page.getByRole('link', { name: 'My account' }).waitFor()
      assert.equal(await page.getByRole('link', { name: 'Users' }).count(), 0)
      await page.goto(`${server.url}/settings/users`)
      await page.getByText('You may not do this').waitFor()
    }))

  await test('a user of two tenants whose choice is gone falls back to the one that is left', () =>
    asNobody(browser, server, {}, async (page) => {
      await page.addInitScript(() => localStorage.setItem('mbflow.tenant', '01890000-0000-7000-8000-000000000000'))
      await signIn(page, server, 'viewer@example.com', password, '/workflows')
      await page.getByRole('row', { name: /Order arrives/ }).waitFor()
    }))
}
