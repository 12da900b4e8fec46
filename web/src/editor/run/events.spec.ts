import { describe, expect, it } from 'vitest'
import { doc, node } from '../document/testing'
import { duration, foldEvents, formatDuration, noRun, type RunEvent } from './events'
import { timeline } from './timeline'

const at = (ms: number) => new Date(1_000_000 + ms).toISOString()
const events: RunEvent[] = [
  { seq: 1, type: 'execution_started', at: at(0) },
  { seq: 2, type: 'node_succeeded', at: at(5), node: 'a', started_at: at(1), items: { main: 2 }, attempt: 1 },
  { seq: 3, type: 'node_waiting', at: at(5), node: 'w', until: at(2000) },
  { seq: 4, type: 'node_woken', at: at(2000), node: 'w' },
  {
    seq: 5,
    type: 'node_succeeded',
    at: at(2001),
    node: 'w',
    started_at: at(2000),
    items: { main: 1 },
    edges: [{ edge: 3, passed: 1 }],
    attempt: 1,
  },
  { seq: 6, type: 'node_failed', at: at(2002), node: 'f', error: { code: 'x', message: 'no' }, attempt: 2 },
  { seq: 7, type: 'execution_finished', at: at(2003), status: 'failed', error: { code: 'x', message: 'no' } },
]

describe('a run', () => {
  it('is the same however its events are batched, and doubled events change nothing', () => {
    const whole = foldEvents(noRun, events)
    const single = events.reduce((state, event) => foldEvents(foldEvents(state, [event]), [event]), noRun)
    expect(single).toEqual(whole)
    expect(whole.status).toBe('failed')
    expect(whole.passed.get(3)).toBe(1)
  })

  it('counts a wait from its beginning', () => {
    expect(duration(foldEvents(noRun, events).nodes.get('w'))).toBe(1996)
    expect(formatDuration(0)).toBe('<1 ms')
  })

  it('forgets what a retry runs again', () => {
    const state = foldEvents(noRun, [...events, { seq: 8, type: 'execution_retried', at: at(3000), data: { nodes: ['f'] } }])
    expect([state.status, state.nodes.has('f'), state.nodes.has('a')]).toEqual(['running', false, true])
  })

  it('has a row of the timeline for each node that did something', () => {
    const { rows, total } = timeline(doc([node('a'), node('w')]), foldEvents(noRun, events), 0)
    expect(total).toBe(2002)
    expect(rows.map((row) => [row.id, row.name, row.ms])).toEqual([
      ['a', 'A', 4],
      ['w', 'W', 1996],
      ['f', 'f', undefined],
    ])
  })
})
