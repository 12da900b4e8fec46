// From the key to the result, as a person would go, in each language.
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'
import { sampleText } from '../sample.mjs'

const words = {
  en: {
    key: 'API key',
    useKey: 'Use an API key',
    signIn: 'Sign in',
    workflows: 'Workflows',
    import: 'Import',
    text: 'Text of the workflow',
    check: 'Check and import',
    more: (name) => `More about ${name}`,
    publish: 'Publish',
    published: 'Published v1',
    execute: (name) => `Execute ${name}`,
    start: 'Start',
    succeeded: 'Succeeded',
    data: 'Data',
    failed: 'Failed',
    retry: 'Retry',
    attempts: 'Execution retried',
    events: /Events/,
    fault: '1 fault to mend',
    cancel: 'Cancel',
  },
  ru: {
    key: 'Ключ API',
    useKey: 'Войти по ключу API',
    signIn: 'Войти',
    workflows: 'Процессы',
    import: 'Импорт',
    text: 'Текст процесса',
    check: 'Проверить и добавить',
    more: (name) => `Ещё о процессе «${name}»`,
    publish: 'Опубликовать',
    published: 'Опубликован v1',
    execute: (name) => `Запустить «${name}»`,
    start: 'Запустить',
    succeeded: 'Успешно',
    data: 'Данные',
    failed: 'Ошибка',
    retry: 'Повторить',
    attempts: 'Запуск повторён',
    events: /События/,
    fault: 'Нужно исправить 1 ошибку',
    cancel: 'Отмена',
  },
}

async function importSample(page, word, document) {
  await page.getByRole('button', { name: word.import, exact: true }).click()
  const field = page.getByLabel(word.text)
  await field.fill(JSON.stringify({ ...document, nodes: [{ ...document.nodes[0], type: 'htttp' }, ...document.nodes.slice(1)] }))
  await page.getByRole('button', { name: word.check }).click()
  await page.getByText(word.fault).waitFor()
  await field.fill(JSON.stringify(document))
  await page.getByRole('button', { name: word.check }).click()
  await page.getByRole('link', { name: document.name, exact: true }).waitFor()
}

export default async function journey({ test, browser, server, runs }) {
  for (const language of ['en', 'ru']) {
    const word = words[language]
    await test(`${language}: sign in, import, publish, execute, see the result`, async () => {
      const { page, context, complaints } = await openPage(browser, server, { language, signedIn: false })
      await page.goto(`${server.url}/workflows`)
      await page.waitForURL(/sign-in\?to=/)
      await page.getByRole('button', { name: word.useKey }).click()
      await page.getByLabel(word.key).fill('mbf_wrong')
      await page.getByRole('button', { name: word.signIn, exact: true }).click()
      await page.locator('[aria-invalid=true]').waitFor()
      await page.getByLabel(word.key).fill(server.key)
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/workflows$/)
      assert.equal(await page.locator('html').getAttribute('lang'), language)

      const document = JSON.parse(sampleText('process_user_data.json')).workflow
      document.name = `Sample ${language}`
      document.variables.api = server.mock
      await importSample(page, word, document)

      await page.getByRole('button', { name: word.more(document.name) }).click()
      await page.getByRole('menuitem', { name: word.publish, exact: true }).click()
      await page.getByRole('row', { name: document.name }).getByText(word.published).waitFor()

      await page.getByRole('button', { name: word.execute(document.name) }).click()
      assert.equal(await page.getByRole('dialog').locator('textarea').inputValue(), '{}')
      await page.getByRole('dialog').getByRole('button', { name: word.start, exact: true }).click()
      await page.waitForURL(/\/executions\//)
      await page.getByRole('main').getByText(word.succeeded).first().waitFor()
      await page.getByRole('tab', { name: word.data }).click()
      await page.getByRole('row', { name: /full_name/ }).waitFor()
      const serious = complaints.filter((text) => !text.includes('401'))
      assert.deepEqual(serious, [])
      await context.close()
    })

    await test(`${language}: retry a failed execution`, async () => {
      const { page, context } = await openPage(browser, server, { language })
      await page.goto(`${server.url}/executions/${runs.failing.id}`)
      await page.getByRole('main').getByText(word.failed, { exact: true }).first().waitFor()
      await page.getByRole('button', { name: word.retry, exact: true }).click()
      await page.getByRole('tab', { name: word.events }).click()
      await page.getByText(word.attempts).first().waitFor()
      await context.close()
    })
  }
}
