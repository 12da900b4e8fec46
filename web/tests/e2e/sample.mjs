// Workflows and executions that show every state, on the mock API of the test.
import { readFileSync } from 'node:fs'

export const sampleText = (name) => readFileSync(new URL(`../../../examples/${name}`, import.meta.url), 'utf8')

const node = (id, name, type, config = {}, more = {}) => ({ id, name, type, config, ...more })

/** Fails on the first call only: the mock answers a counter, so the same id succeeds later. */
export const failing = () => ({
  name: 'Billing run',
  tags: ['finance'],
  nodes: [
    node('start', 'Start', 'manual'),
    node('check', 'Check the balance', 'fail', { message: 'the balance does not match: 120.00 is missing' }),
  ],
  edges: [{ source: 'start', target: 'check' }],
})

export async function fill(server) {
  const { api, mock } = server
  const users = JSON.parse(sampleText('process_user_data.json')).workflow
  users.variables.api = mock
  const made = {}
  made.users = await api('/workflows', { ...users, tags: ['crm'] })
  made.failing = await api('/workflows', failing())
  made.waiting = await api('/workflows', {
    name: 'Reminder',
    tags: ['crm', 'mail'],
    nodes: [
      node('start', 'Start', 'manual'),
      node('wait', 'Wait a day', 'wait', { duration: '1d' }),
      node('note', 'Write the note', 'set', { values: { text: 'Time to call' } }),
    ],
    edges: [
      { source: 'start', target: 'wait' },
      { source: 'wait', target: 'note' },
    ],
  })
  made.hook = await api('/workflows', {
    name: 'Order arrives',
    nodes: [
      node('in', 'New order', 'webhook', { path: 'orders', auth: { type: 'bearer', token: 'a-long-secret' }, respond: 'result' }),
      node('sum', 'Sum', 'set', { values: { total: '{{ $json.body.price * $json.body.count }}' } }),
    ],
    edges: [{ source: 'in', target: 'sum' }],
  })
  made.nightly = await api('/workflows', {
    name: 'Nightly report',
    nodes: [
      node('cron', 'Every night', 'schedule', { cron: '0 3 * * *', timezone: 'Europe/Moscow' }),
      node('line', 'Line', 'set', { values: { text: 'Report' } }),
    ],
    edges: [{ source: 'cron', target: 'line' }],
  })
  made.hears = await api('/workflows', {
    name: 'Receipt',
    nodes: [node('paid', 'Paid', 'event', { name: 'order.*' }), node('line', 'Line', 'set', { values: { text: 'Thank you' } })],
    edges: [{ source: 'paid', target: 'line' }],
  })
  made.retrying = await api('/workflows', {
    name: 'Slow partner',
    nodes: [
      node('start', 'Start', 'manual'),
      node(
        'call',
        'Ask the partner',
        'http',
        { url: 'http://127.0.0.1:1/answer' },
        { retry: { attempts: 3, delay: '300ms', jitter: false } },
      ),
      node('after', 'Use the answer', 'noop'),
    ],
    edges: [
      { source: 'start', target: 'call' },
      { source: 'call', target: 'after' },
    ],
  })
  for (const one of [made.users, made.hook, made.nightly, made.hears]) await api(`/workflows/${one.id}/publish`, {})
  const runs = {}
  for (let i = 0; i < 12; i++) runs.users = await api(`/workflows/${made.users.id}/execute?wait=10s`, { input: {} })
  for (let i = 0; i < 3; i++) runs.failing = await api(`/workflows/${made.failing.id}/execute?wait=10s`, { input: {} })
  runs.retrying = await api(`/workflows/${made.retrying.id}/execute?wait=10s`, { input: {} })
  runs.waiting = await api(`/workflows/${made.waiting.id}/execute`, { input: { customer: 17 } })
  const cancelled = await api(`/workflows/${made.waiting.id}/execute`, { input: {} })
  await api(`/executions/${cancelled.id}/cancel`, {})
  await api('/credentials', { name: 'Shop', type: 'bearer', fields: { token: 'a-long-secret' }, origins: ['https://shop.example.com'] })
  await api('/variables', { name: 'REGION_OF_SHOP', environment: 'default', kind: 'text', value: 'eu-west' })
  await api('/variables', { name: 'SHOP_PIN', environment: 'staging', kind: 'secret', value: '1234' })
  made.users = await api(`/workflows/${made.users.id}`, { ...made.users, description: 'From the shop to the mailing list' }, 'PUT', {
    'if-match': '"1"',
  })
  return { made, runs }
}
