// The pages against the real program: what a person does, by mouse and keyboard, in both languages; and axe on every page.
import { readdirSync } from 'node:fs'
import { openBrowser } from './browser.mjs'
import { fill } from './sample.mjs'
import { startServer } from './server.mjs'

const folder = new URL('./suites/', import.meta.url)
const wanted = process.argv[2] ?? ''
// SHARE=1/3: every third suite, from the first on; together the shares are all.
const [share, shares] = (process.env.SHARE ?? '1/1').split('/').map(Number)
const suites = await Promise.all(
  readdirSync(folder)
    .filter((name) => name.endsWith('.mjs') && name.includes(wanted))
    .sort()
    .filter((_, place) => place % shares === share - 1)
    .map(async (name) => [name, await import(new URL(name, folder))]),
)
const server = await startServer()
const browser = await openBrowser()
let passed = 0
const failed = []
async function test(name, work) {
  const began = Date.now()
  try {
    await work()
    passed++
    console.log(`ok   ${name} (${Date.now() - began} ms)`)
  } catch (error) {
    failed.push(name)
    console.log(
      `FAIL ${name}\n     ${String(error?.message ?? error)
        .split('\n')
        .slice(0, 12)
        .join('\n     ')}`,
    )
  }
}
try {
  const filled = await fill(server)
  for (const [, suite] of suites) await suite.default({ test, browser, server, ...filled })
} finally {
  await browser.close()
  await server.stop()
}
console.log(`${passed} passed, ${failed.length} failed`)
process.exitCode = failed.length ? 1 : 0
