// Without a mouse.
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'

export default async function keyboard({ test, browser, server, made }) {
  const begin = async (path, options) => {
    const opened = await openPage(browser, server, options)
    await opened.page.goto(server.url + path)
    await opened.page.getByRole('heading', { level: 1 }).first().waitFor()
    return opened
  }

  await test('palette: go to a page and open a workflow by its name', async () => {
    const { page, context } = await begin('/')
    await page.keyboard.press('Control+k')
    await page.locator('[role=combobox]:focus').waitFor()
    await page.keyboard.type('settin')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/settings$/)
    await page.keyboard.press('Control+k')
    await page.locator('[role=combobox]:focus').waitFor()
    await page.keyboard.type('Order arr')
    await page.getByRole('option', { name: /Order arrives/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(`/workflows/${made.hook.id}`))
    await context.close()
  })

  await test('two keys go to a page; single keys can be switched off', async () => {
    const { page, context } = await begin('/')
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    await page.waitForURL(/\/executions$/)
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.evaluate(() => localStorage.setItem('mbflow.singleKeys', 'off'))
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('?')
    await page.waitForTimeout(300)
    assert.equal(await page.getByRole('dialog').count(), 0)
    await context.close()
  })

  await test('language and theme change without a reload, by keyboard', async () => {
    const { page, context } = await begin('/settings')
    await page.evaluate(() => (window.stays = true))
    await page.getByRole('button', { name: 'Language' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Русский' }).waitFor()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Настройки' }).waitFor()
    await page.getByRole('button', { name: 'Тема' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Тёмная' }).waitFor()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.locator('html[data-theme=dark]').waitFor()
    assert.equal(await page.evaluate(() => window.stays), true)
    await context.close()
  })

  await test('cancel a waiting execution: the question has the focus and Escape means no', async () => {
    const { id } = await server.api(`/workflows/${made.waiting.id}/execute`, { input: {} })
    const { page, context } = await begin(`/executions/${id}`)
    await page.getByRole('button', { name: 'Cancel execution' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('alertdialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    assert.notEqual((await server.api(`/executions/${id}`)).status, 'cancelled')
    await page.getByRole('button', { name: 'Cancel execution' }).click()
    await page.getByRole('button', { name: 'Stop it' }).click()
    await page.getByRole('main').getByText('Cancelled', { exact: true }).first().waitFor()
    await context.close()
  })

  await test('a 401 leads to sign-in and back to the wanted place', async () => {
    const { page, context } = await openPage(browser, server, { signedIn: false })
    await page.goto(`${server.url}/executions?status=failed`)
    await page.waitForURL(/sign-in\?to=/)
    await page.getByRole('button', { name: 'Use an API key' }).click()
    await page.getByLabel('API key').fill(server.key)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/executions\?status=failed$/)
    await page
      .getByRole('link', { name: /Billing run/ })
      .first()
      .waitFor()
    await context.close()
  })

  await test('new executions are announced, and shown when asked for', async () => {
    const { page, context } = await begin('/executions')
    await page
      .getByRole('link', { name: /Process User Data/ })
      .first()
      .waitFor()
    await server.api(`/workflows/${made.users.id}/execute?wait=10s`, { input: {} })
    await page.getByRole('button', { name: '1 new' }).click({ timeout: 15_000 })
    await page.getByRole('button', { name: '1 new' }).waitFor({ state: 'detached' })
    await context.close()
  })
}
