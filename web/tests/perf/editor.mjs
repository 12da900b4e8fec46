// 1,000 nodes and 1,400 edges in the editor: time to ready, frames while panning, far away, dragging, under bursts of
// states, heap. Prints a table; ends with 1 when a budget of the software-rendered case is missed.
import { openBrowser, openPage } from '../e2e/browser.mjs'
import { startServer } from '../e2e/server.mjs'

const COUNT = Number(process.env.NODES ?? 1000)
const EDGES = Math.round(COUNT * 1.4)
// Budgets of a machine without a graphics card; a desktop with one has its own in docs.
const BUDGET = { ready: Number(process.env.READY_MS ?? 4000), fps: Number(process.env.FPS ?? 45), heap: 60, tidy: 1500 }

function graph() {
  const lanes = 20
  const nodes = Array.from({ length: COUNT }, (_, i) => ({
    id: `n${i}`,
    name: `Step ${i}`,
    type: i === 0 ? 'manual' : 'set',
    config: i === 0 ? {} : { values: { [`field${i}`]: `{{ $json.value + ${i} }}` } },
    position: { x: Math.floor(i / lanes) * 352, y: (i % lanes) * 112 },
  }))
  const edges = new Map()
  const link = (a, b) => a < b && b < COUNT && b > 0 && edges.set(`${a} ${b}`, { source: `n${a}`, target: `n${b}` })
  for (let i = 1; i < COUNT; i++) link(Math.max(0, i - lanes), i)
  for (let i = 1, seed = 7; edges.size < EDGES; i = (i % (COUNT - lanes * 2)) + 1) {
    seed = (seed * 1103515245 + 12345) % 2147483648
    link(i, i + lanes + (seed % lanes))
  }
  return { name: `Of ${COUNT}`, nodes, edges: [...edges.values()] }
}

/** Frames a second and the 95th percentile of a frame, of the two seconds that something goes on. */
const measure = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const times = []
        const begin = performance.now()
        let last = begin
        const tick = (now) => {
          times.push(now - last)
          last = now
          if (now - begin < 2000) return requestAnimationFrame(tick)
          const frames = times.slice(2).sort((a, b) => a - b)
          const total = frames.reduce((sum, ms) => sum + ms, 0)
          resolve({ fps: Math.round((frames.length / total) * 1000), p95: Math.round(frames[Math.floor(frames.length * 0.95)] ?? 0) })
        }
        requestAnimationFrame(tick)
      }),
  )

async function zoom(page) {
  const running = measure(page)
  await page.evaluate(async () => {
    const pane = document.querySelector('.vue-flow__pane')
    for (let i = 0; i < 100; i++) {
      pane.dispatchEvent(
        new WheelEvent('wheel', { deltaY: i < 50 ? 40 : -40, clientX: 800, clientY: 500, bubbles: true, cancelable: true }),
      )
      await new Promise(requestAnimationFrame)
    }
  })
  return running
}

async function pan(page) {
  const running = measure(page)
  await page.mouse.move(800, 450)
  await page.mouse.down({ button: 'middle' })
  for (let i = 0; i < 110; i++) await page.mouse.move(800 + 250 * Math.sin(i / 12), 450 + 150 * Math.cos(i / 12))
  await page.mouse.move(800, 450)
  await page.mouse.up({ button: 'middle' })
  return running
}

async function drag(page) {
  const card = await page.locator('.vue-flow__node:has(.card) >> visible=true').nth(4).boundingBox()
  const running = measure(page)
  await page.mouse.move(card.x + card.width / 2, card.y + 20)
  await page.mouse.down()
  for (let i = 0; i < 110; i++) await page.mouse.move(card.x + 60 + 120 * Math.sin(i / 12), card.y + 60 + 60 * Math.cos(i / 12))
  await page.mouse.up()
  return running
}

async function heap(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 1048576
}

/** A run whose journal grows by 100 states every 20 ms: 5,000 a second come by the way that real ones come. */
async function liveRun(page, workflow) {
  const at = new Date().toISOString()
  await page.route('**/api/v1/executions/synthetic', (route) =>
    route.fulfill({ json: { id: 'synthetic', workflow_id: workflow, version: 1, status: 'running', nodes: {} } }),
  )
  await page.route('**/api/v1/executions/synthetic/events*', async (route) => {
    const after = Number(new URL(route.request().url()).searchParams.get('after'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const items = Array.from({ length: 100 }, (_, i) => {
      const seq = after + i + 1
      const round = Math.floor(seq / COUNT)
      return {
        seq,
        type: ['node_started', 'node_succeeded', 'node_failed'][round % 3],
        at,
        node: `n${seq % COUNT}`,
        items: { main: seq },
        attempt: 1,
      }
    })
    await route.fulfill({ json: { items, next_after: after + 100 } })
  })
}

const server = await startServer()
const browser = await openBrowser()
const rows = []
const missed = []
const row = (what, value, fine) => {
  rows.push({ what, value })
  if (!fine) missed.push(`${what}: ${value}`)
}

try {
  const { id } = await server.api('/workflows', graph())
  const { page, complaints } = await openPage(browser, server, { width: 1440, height: 900 })
  const begin = Date.now()
  await page.goto(`${server.url}/workflows/${id}`)
  await page.waitForFunction((count) => document.querySelectorAll('.vue-flow__node').length === count, COUNT, {
    timeout: 60_000,
    polling: 'raf',
  })
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  const ready = Date.now() - begin
  row('ready, ms', ready, ready <= BUDGET.ready)
  rows.push({ what: 'elements in the page', value: await page.evaluate(() => document.querySelectorAll('*').length) })
  const used = await heap(page)
  row('heap, MB', used.toFixed(1), used <= BUDGET.heap)
  await page.waitForTimeout(1000)
  const frames = async (what, run) => {
    const { fps, p95 } = await run()
    row(`${what}, fps (p95 ms)`, `${fps} (${p95})`, fps >= BUDGET.fps)
  }
  await frames('far away: pan', () => pan(page))
  await page.focus('.flow-canvas')
  await page.keyboard.press('Digit0')
  await page.waitForTimeout(800)
  await frames('near: pan', () => pan(page))
  await frames('near: drag a node', () => drag(page))
  await frames('near: zoom', () => zoom(page))
  const tidied = Date.now()
  await page.focus('.flow-canvas')
  await page.keyboard.press('Shift+Alt+KeyT')
  await page.waitForFunction(
    () =>
      !document.querySelector('[aria-label="Undo"]').disabled &&
      /Tidied/.test(document.querySelector('.workspace > [role=status]').textContent),
    undefined,
    { timeout: 30_000 },
  )
  const tidy = Date.now() - tidied
  row('tidy, ms', tidy, tidy <= BUDGET.tidy)
  rows.push({ what: 'heap at the end, MB', value: (await heap(page)).toFixed(1) })
  await liveRun(page, id)
  await page.goto(`${server.url}/workflows/${id}?execution=synthetic`)
  await page.waitForSelector('.timeline li', { timeout: 60_000 })
  await frames('far away: 5,000 states a second', () => measure(page))
  await page.focus('.flow-canvas')
  await page.keyboard.press('Digit0')
  await page.waitForTimeout(800)
  await frames('near: 5,000 states a second', () => measure(page))
  await frames('near: the same, panning', () => pan(page))
  if (complaints.length) missed.push(...complaints)
} finally {
  await browser.close()
  await server.stop()
}
console.table(rows)
if (missed.length) console.error(`over budget:\n${missed.join('\n')}`)
process.exitCode = missed.length ? 1 : 0
