// What workflows use and what starts them: credentials, variables, versions, triggers.
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'

const secret = 'never-shown-again-42'

export default async function things({ test, browser, server }) {
  const { page, context, complaints } = await openPage(browser, server)
  const main = page.getByRole('main')
  const dialog = page.getByRole('dialog')
  /** Also the tooltip of what it was opened by, which has the focus again. */
  const close = async () => {
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.keyboard.press('Escape')
  }

  await test('a credential is made of its type’s fields, tested against the server it is for, changed, deleted', async () => {
    await page.goto(`${server.url}/credentials`)
    await main.getByRole('button', { name: 'New credential' }).first().click()
    await dialog.getByLabel('Type').selectOption({ label: 'Bearer token' })
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.locator('[aria-invalid=true]').first().waitFor()
    await dialog.getByLabel('Name', { exact: true }).fill('Partner')
    await dialog.locator('input[type=password]').fill(secret)
    await dialog.getByLabel('Only for').fill(server.mock)
    await dialog.getByRole('button', { name: 'Save' }).click()
    const row = main.getByRole('row', { name: /Partner/ })
    await row.waitFor()
    await row.getByRole('button', { name: 'More about Partner' }).click()
    await page.getByRole('menuitem', { name: 'Test' }).click()
    await dialog.getByLabel('Address').fill(`${server.mock}/users`)
    await dialog.getByRole('button', { name: 'Test' }).click()
    await dialog.getByText('It works.').waitFor()
    await close()
    await row.getByRole('button', { name: 'More about Partner' }).click()
    await page.getByRole('menuitem', { name: 'Change' }).click()
    assert.equal(await dialog.locator('input[type=password]').inputValue(), '')
    await dialog.getByLabel('Name', { exact: true }).fill('Partner two')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await main.getByRole('row', { name: /Partner two/ }).waitFor()
    assert.ok(!(await page.content()).includes(secret))
    await main.getByRole('button', { name: 'More about Partner two' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('alertdialog').or(dialog).getByRole('button', { name: 'Delete' }).click()
    await page.waitForFunction(() => !document.body.textContent.includes('Partner two'))
  })

  await test('a return from consent without one says so', async () => {
    await page.goto(`${server.url}/credentials/callback?error=access_denied`)
    await main.getByText('It is not connected').waitFor()
  })

  await test('a variable is shown, a secret one is not', async () => {
    await page.goto(`${server.url}/variables`)
    for (const [name, value, kind] of [
      ['CITY', 'Kazan', 'Text'],
      ['DOOR_CODE', secret, 'Secret'],
    ]) {
      await main.getByRole('button', { name: 'New variable' }).first().click()
      await dialog.getByLabel('Name', { exact: true }).fill(name)
      await dialog.getByLabel('Kind').selectOption({ label: kind })
      await dialog.getByLabel('Value').fill(value)
      await dialog.getByRole('button', { name: 'Save' }).click()
      await main.getByRole('row', { name: new RegExp(name) }).waitFor()
    }
    await main.getByRole('row', { name: /CITY.*Kazan/ }).waitFor()
    await main.getByRole('row', { name: /DOOR_CODE.*kept secret/ }).waitFor()
    assert.ok(!(await page.content()).includes(secret))
    await main.getByRole('button', { name: 'Delete DOOR_CODE' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.waitForFunction(() => !/DOOR_CODE/.test(document.querySelector('main').textContent))
  })

  await test('a version is compared with the one before, restored and published', async () => {
    const { id } = await server.api('/workflows', {
      name: 'Grows',
      nodes: [{ id: 'in', name: 'In', type: 'manual' }],
    })
    await server.api(
      `/workflows/${id}`,
      {
        name: 'Grows',
        nodes: [
          { id: 'in', name: 'In', type: 'manual' },
          { id: 'line', name: 'Line', type: 'set', config: { values: { n: 1 } } },
        ],
        edges: [{ source: 'in', target: 'line' }],
      },
      'PUT',
      { 'if-match': '"1"' },
    )
    await page.goto(`${server.url}/workflows/${id}/versions`)
    await main.getByText('New node').waitFor()
    await main.getByRole('button', { name: 'Restore v1' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click()
    await main.getByRole('button', { name: /^v3.*what it changed/ }).waitFor()
    await main.getByText('Node removed').waitFor()
    await main.getByRole('button', { name: 'Publish v2' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Publish' }).click()
    await main.getByRole('listitem').filter({ hasText: 'v2' }).getByText('Published').waitFor()
  })

  await test('triggers tell how they are called, told or timed; a schedule starts at once by hand', async () => {
    await page.goto(`${server.url}/triggers`)
    await main.getByRole('row', { name: /New order.*POST.*webhooks\/orders/ }).waitFor()
    await main.getByRole('button', { name: 'More about New order' }).click()
    await dialog.getByText(/curl -X POST/).waitFor()
    await close()
    await main.getByRole('row', { name: /Paid.*order\.\*.*when it is told/ }).waitFor()
    await main.getByRole('button', { name: 'More about Paid' }).click()
    await dialog.getByText(/order\.example/).waitFor()
    await close()
    await main.getByRole('button', { name: 'More about Every night' }).click()
    await page.waitForFunction(() => document.querySelectorAll('[role=dialog] li time').length >= 10)
    await close()
    await main.getByRole('button', { name: 'Start Every night now' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Start now' }).click()
    await page.waitForURL(/executions\//)
    await main.getByRole('heading', { name: /Nightly report/ }).waitFor()
  })

  await test('a trigger is switched off and on, and shows what it has started', async () => {
    const headers = { authorization: 'Bearer a-long-secret', 'content-type': 'application/json' }
    const order = () => fetch(`${server.url}/webhooks/orders`, { method: 'POST', headers, body: '{"price": 2, "count": 3}' })
    assert.equal((await order()).status, 200)
    await page.goto(`${server.url}/triggers`)
    const row = main.getByRole('row', { name: /New order/ })
    await row.getByRole('img', { name: /^Within 24 hours: 1 succeeded, 0 failed/ }).waitFor()
    await row.getByRole('link', { name: /Succeeded/ }).waitFor()
    await row.getByRole('switch', { name: 'Whether New order is on' }).focus()
    await page.keyboard.press('Space')
    await row.getByText('Switched off').waitFor()
    assert.equal((await (await order()).json()).code, 'webhook.disabled')
    await row.getByRole('button', { name: 'More about New order' }).click()
    await dialog.getByRole('listitem').getByText('Succeeded').waitFor()
    await dialog.getByRole('switch', { name: 'Switched off' }).click()
    await dialog.getByRole('switch', { name: 'On' }).waitFor()
    assert.equal((await order()).status, 200)
    await close()
    await main
      .getByRole('row', { name: /Every night/ })
      .getByRole('switch')
      .click()
    await main.getByRole('button', { name: 'More about Every night' }).click()
    await dialog.getByRole('heading', { name: 'Next run' }).waitFor()
    await page.waitForFunction(() => document.querySelector('[role=dialog] section p')?.textContent === 'Switched off')
    await dialog.getByRole('switch').click()
    await page.waitForFunction(() => document.querySelectorAll('[role=dialog] section:first-child li time').length >= 10)
    await close()
  })

  await test('the times of a schedule are picked or written, said in words and reckoned by the server', async () => {
    const [schedule] = await server.api('/triggers?type=schedule', undefined, 'GET').then(({ items }) => items)
    await page.goto(`${server.url}/workflows/${schedule.workflow_id}`)
    await page.locator('[data-id=cron]').dblclick()
    const times = page.getByRole('textbox', { name: /^Times/ })
    const words = (text) => page.getByText(text, { exact: true }).waitFor()
    await words('At 03:00')
    await page.getByText(/^Next: .*3:00.*\(Europe\/Moscow\)/).waitFor()
    await page.getByRole('combobox', { name: 'How often' }).selectOption({ label: 'On some days of the week' })
    await page.getByRole('checkbox', { name: 'Friday' }).check()
    await page.getByLabel('Time of day').fill('08:30')
    await words('At 08:30, Mon, Fri')
    assert.equal(await times.inputValue(), '30 8 * * MON,FRI')
    await page.getByText(/^Next: (Monday|Friday).*8:30/).waitFor()
    await page.getByRole('combobox', { name: 'How often' }).selectOption({ label: 'As an expression' })
    await times.fill('0 9 * * MON#2')
    await words('At 09:00, on Mon no. 2 of the month')
    await times.fill('99 9 * * MON')
    await page.locator('.ed-error').first().waitFor()
    await times.fill('*/20 * * * *')
    await page.getByRole('combobox', { name: 'How often' }).selectOption({ label: 'Every few minutes' })
    await page.getByRole('combobox', { name: 'Minutes between' }).selectOption('10')
    await words('Every 10 min')
  })

  assert.deepEqual(
    complaints.filter((text) => !/40[04]/.test(text)),
    [],
  )
  await context.close()
}
