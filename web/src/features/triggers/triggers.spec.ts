import { describe, expect, it } from 'vitest'
import type { Workflow } from '@/api/types'
import { triggersOf, webhookUrl } from './triggers'

const workflow = {
  id: 'w',
  name: 'Orders',
  version: 3,
  published_version: 2,
  settings: { timezone: 'Europe/Moscow' },
  nodes: [
    { id: 'in', name: 'Order arrives', type: 'webhook', config: { path: 'orders', auth: { type: 'hmac' } } },
    { id: 'cron', type: 'schedule', config: { cron: '0 9 * * MON-FRI' } },
    { id: 'set', type: 'set' },
  ],
  edges: [],
} as unknown as Workflow

describe('triggers of a workflow', () => {
  it('tells webhooks and schedules with what holds when nothing is said', () => {
    expect(triggersOf(workflow)).toMatchObject([
      {
        kind: 'webhook',
        node: 'Order arrives',
        path: 'orders',
        methods: ['POST'],
        proof: 'hmac',
        respond: 'accepted',
        workflow: { version: 2 },
      },
      { kind: 'schedule', node: 'cron', times: '0 9 * * MON-FRI', timezone: 'Europe/Moscow' },
    ])
  })

  it('makes the address to call', () => {
    expect(webhookUrl('https://flow.example', '/orders')).toBe('https://flow.example/webhooks/orders')
  })
})
