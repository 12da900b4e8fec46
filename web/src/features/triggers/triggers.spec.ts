import { describe, expect, it } from 'vitest'
import type { Trigger } from '@/api/triggers'
import { columnsOf, curlSample, howOf, totalsOf, webhookUrl } from './triggers'

const hook: Trigger = {
  id: 'w:in',
  type: 'webhook',
  workflow_id: 'w',
  workflow_name: 'Orders',
  version: 1,
  node: 'in',
  node_name: 'New order',
  enabled: true,
  path: '/webhooks/orders',
  methods: ['POST'],
  auth: 'bearer',
}

describe('triggers', () => {
  it('have an address on this server', () =>
    expect(webhookUrl('https://flows.example.com', '/webhooks/a/b')).toBe('https://flows.example.com/webhooks/a/b'))

  it('are called with the proof that they ask for, and never with a secret', () => {
    const sample = curlSample(hook, 'https://flows.example.com')
    expect(sample).toContain("curl -X POST 'https://flows.example.com/webhooks/orders'")
    expect(sample).toContain('Authorization: Bearer SECRET')
    expect(sample).toContain('-d ')
  })

  it('are called without a body where the method has none, and without proof where all may call', () => {
    const sample = curlSample({ ...hook, methods: ['GET'], auth: 'public' }, 'http://localhost')
    expect(sample).toBe("curl -X GET 'http://localhost/webhooks/orders'")
  })

  it('tell by what they have how they start', () => {
    const { path: _, ...other } = hook
    expect([hook, { ...other, event: 'order.*' }, { ...other, times: '* * * * *' }].map(howOf)).toEqual(['called', 'heard', 'timed'])
  })

  it('show a day in columns that fill the height and hide no failure', () => {
    const day = [
      { succeeded: 0, failed: 0, other: 0 },
      { succeeded: 999, failed: 1, other: 0 },
      { succeeded: 0, failed: 0, other: 500 },
    ]
    expect(totalsOf(day)).toEqual({ succeeded: 999, failed: 1, other: 500 })
    const [none, great, half] = columnsOf(day)
    expect(none).toEqual([])
    expect(great!.map(({ what }) => what)).toEqual(['failed', 'succeeded'])
    expect(great![0]!.height).toBeGreaterThanOrEqual(3)
    expect(great!.reduce((sum, { height }) => sum + height, 0)).toBe(24)
    expect(half).toEqual([{ what: 'other', fill: 'fill-queued', y: 12, height: 12 }])
  })

  it('that hear events are told one, whatever is in its name', () => {
    const { path: _, ...other } = hook
    const sample = curlSample({ ...other, event: "it's.*" }, 'http://localhost')
    expect(sample).toContain("curl -X POST 'http://localhost/api/v1/events'")
    expect(sample).toContain(String.raw`-d '{"name":"it'\''s.example","data":{"hello":"world"}}'`)
  })
})
