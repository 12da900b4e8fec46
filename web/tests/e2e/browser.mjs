import { chromium } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export const openBrowser = () => chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'] })

/** A page that is signed in, and keeps what it complained about. */
export async function openPage(
  browser,
  server,
  { language = 'en', theme = 'light', width = 1280, height = 800, signedIn = true, touch = false } = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language === 'ru' ? 'ru-RU' : 'en-GB',
    reducedMotion: 'reduce',
    hasTouch: touch,
  })
  await context.addInitScript(
    ([key, language, theme]) => {
      localStorage.setItem('mbflow.language', language)
      localStorage.setItem('mbflow.theme', theme)
      if (key) sessionStorage.setItem('mbflow.key', key)
    },
    [signedIn ? server.key : '', language, theme],
  )
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { page, context, complaints }
}
