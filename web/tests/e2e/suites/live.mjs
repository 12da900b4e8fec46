// A run is watched as it goes on: by the WebSocket, over a break of it, and where none comes through by asking again.
import assert from 'node:assert/strict'
import { openPage } from '../browser.mjs'

const steps = (count, pause) => ({
  name: `Slow steps ${count}`,
  nodes: [
    { id: 'in', type: 'manual' },
    ...Array.from({ length: count }, (_, i) => ({ id: `w${i}`, name: `Step ${i}`, type: 'wait', config: { duration: pause } })),
  ],
  edges: Array.from({ length: count }, (_, i) => ({ source: i ? `w${i - 1}` : 'in', target: `w${i}` })),
})

/** The page with a way to cut its sockets, and how often it asked for events. */
async function watching(browser, server, refuse = false) {
  const { page, context, complaints } = await openPage(browser, server)
  const sockets = []
  let asked = 0
  await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
    sockets.push(socket)
    if (refuse) void socket.close({ code: 1011 })
    else socket.connectToServer()
  })
  page.on('request', (request) => request.url().includes('/events?') && asked++)
  return { page, context, complaints, sockets, asked: () => asked }
}

const start = async (server, document) => {
  const { id } = await server.api('/workflows', document)
  return { workflow: id, execution: (await server.api(`/workflows/${id}/execute`, {})).id }
}
const journal = async (server, execution) => (await server.api(`/executions/${execution}/events`)).items.length

async function shows(page, server, execution, status) {
  await page.getByRole('main').getByText(status).first().waitFor()
  const events = await journal(server, execution)
  await page.getByRole('tab', { name: `Events ${events}` }).waitFor()
}

export default async function live({ test, browser, server }) {
  await test('a run is told as it goes, and goes on after a break of the socket', async () => {
    const { page, context, complaints, sockets, asked } = await watching(browser, server)
    const run = steps(6, '300ms')
    run.nodes.at(-1).config.duration = '1h'
    const { execution } = await start(server, run)
    await page.goto(`${server.url}/executions/${execution}`)
    await page.getByRole('main').getByText('Waiting').first().waitFor()
    assert.equal(asked(), 0, 'the page asked although it is told')
    await sockets[0].close({ code: 1001 })
    for (let i = 0; i < 300 && sockets.length < 2; i++) await page.waitForTimeout(100)
    assert.ok(sockets.length >= 2, `${sockets.length} sockets`)
    await server.api(`/executions/${execution}/cancel`, {})
    await shows(page, server, execution, 'Cancelled')
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await test('where no socket comes through the page asks again and again', async () => {
    const { page, context, asked } = await watching(browser, server, true)
    const { execution } = await start(server, steps(2, '500ms'))
    await page.goto(`${server.url}/executions/${execution}`)
    await shows(page, server, execution, 'Succeeded')
    assert.ok(asked() > 0)
    await context.close()
  })

  await test('the list tells of a new run at once', async () => {
    const { page, context } = await watching(browser, server)
    await page.goto(`${server.url}/executions`)
    await page.locator('main a[href^="/executions/"]').first().waitFor()
    const { execution, workflow } = await start(server, steps(1, '300ms'))
    // Sooner than the list would look by itself.
    await page.getByRole('button', { name: /new/ }).click({ timeout: 15_000 })
    await page.locator(`a[href="/executions/${execution}"]`).first().waitFor()
    await server.api(`/workflows/${workflow}/execute`, {})
    await page.getByRole('button', { name: /new/ }).waitFor({ timeout: 15_000 })
    await context.close()
  })
}
