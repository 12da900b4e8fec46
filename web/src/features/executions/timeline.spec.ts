import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExecutionEvent } from '@/api/types'
import { busyTime, emptyTimeline, place, reduce, ticks } from './timeline'

const at = (ms: number) => new Date(ms).toISOString()
const fold = (events: ExecutionEvent[]) => events.reduce(reduce, emptyTimeline)

const retried: ExecutionEvent[] = [
  { seq: 1, type: 'execution_started', at: at(1000) },
  { seq: 2, type: 'node_started', at: at(1000), node: 'http', attempt: 1 },
  {
    seq: 3,
    type: 'node_retrying',
    at: at(1200),
    node: 'http',
    attempt: 1,
    until: at(2200),
    error: { code: 'http.status', message: '503' },
  },
  { seq: 4, type: 'node_started', at: at(2200), node: 'http', attempt: 2 },
  { seq: 5, type: 'node_succeeded', at: at(2300), node: 'http', attempt: 2, items: { main: 3 } },
  { seq: 6, type: 'node_succeeded', at: at(2310), started_at: at(2305), node: 'set', attempt: 1, items: { main: 3 } },
  { seq: 7, type: 'node_skipped', at: at(2310), node: 'other' },
  { seq: 8, type: 'execution_finished', at: at(2310), status: 'succeeded' },
]

describe('timeline', () => {
  it('draws a retry as failed, pause, run', () => {
    const line = fold(retried).lines.get('http')!
    expect(line.segments).toEqual([
      { kind: 'failed', from: 1000, to: 1200, attempt: 1 },
      { kind: 'backoff', from: 1200, to: 2200, attempt: 1 },
      { kind: 'run', from: 2200, to: 2300, attempt: 2 },
    ])
    expect(line).toMatchObject({ status: 'succeeded', attempts: 2, items: { main: 3 }, outputSeq: 5, error: undefined })
    expect(busyTime(line, 9999)).toBe(300)
  })

  it('takes the beginning of a pure node from its end', () => {
    expect(fold(retried).lines.get('set')!.segments).toEqual([{ kind: 'run', from: 2305, to: 2310, attempt: 1 }])
  })

  it('knows skipped nodes and the end', () => {
    const timeline = fold(retried)
    expect(timeline.lines.get('other')).toMatchObject({ status: 'skipped', segments: [] })
    expect(timeline).toMatchObject({ status: 'succeeded', start: 1000, last: 2310, seq: 8 })
  })

  it('begins anew after a retry of the execution', () => {
    const failed: ExecutionEvent[] = [
      { seq: 1, type: 'execution_started', at: at(0) },
      { seq: 2, type: 'node_failed', at: at(5), started_at: at(1), node: 'a', attempt: 1, error: { code: 'x', message: 'y' } },
      { seq: 3, type: 'execution_finished', at: at(5), status: 'failed', error: { code: 'x', message: 'y' } },
    ]
    expect(fold(failed)).toMatchObject({ status: 'failed', error: { code: 'x' } })
    const again = fold([...failed, { seq: 4, type: 'execution_retried', at: at(90), data: { nodes: ['a'] } }])
    expect(again).toMatchObject({ status: 'running', error: undefined })
    expect(again.lines.get('a')).toMatchObject({ status: 'pending', error: undefined })
  })

  it('waits for a decision until somebody decides', () => {
    const held = fold([
      { seq: 1, type: 'execution_started', at: at(0) },
      { seq: 2, type: 'node_started', at: at(1), node: 'a', attempt: 1 },
      { seq: 3, type: 'node_held', at: at(2), node: 'a', error: { code: 'held', message: '' } },
    ])
    expect(held.lines.get('a')).toMatchObject({ status: 'held' })
    expect(held.lines.get('a')!.segments.at(-1)).toEqual({ kind: 'decision', from: 2, attempt: 1 })
    const decided = reduce(held, { seq: 4, type: 'node_decided', at: at(50), node: 'a', data: { action: 'retry' } })
    expect(decided.lines.get('a')!.segments.every((segment) => segment.to !== undefined)).toBe(true)
  })

  it('takes every event once, however the pages overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(retried.length), { minLength: retried.length, maxLength: retried.length }), (back) => {
        // Before each event a piece of what came before it once more.
        const pages = retried.flatMap((event, index) => [...retried.slice(Math.max(0, index - back[index]!), index), event])
        expect(fold(pages)).toEqual(fold(retried))
      }),
    )
  })

  it('keeps every bar inside the picture', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000), (from, length, start, whole) => {
        const span = place({ kind: 'run', from, to: from + length, attempt: 1 }, start, start + whole)
        expect(span.from).toBeGreaterThanOrEqual(0)
        expect(span.from + span.length).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })

  it('makes a scale of round figures', () => {
    expect(ticks(1310)).toEqual([0, 500, 1000])
    expect(ticks(60_000).length).toBeLessThanOrEqual(7)
    expect(ticks(0)).toEqual([0])
  })
})
