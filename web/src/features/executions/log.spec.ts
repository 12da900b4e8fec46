import { describe, expect, it } from 'vitest'
import type { ExecutionEvent } from '@/api/types'
import { atLeast, logOf } from './log'

const at = '2026-01-01T00:00:00.000Z'
const events: ExecutionEvent[] = [
  { seq: 1, type: 'execution_started', at },
  {
    seq: 2,
    type: 'node_succeeded',
    at,
    node: 'a',
    log: [
      { at, level: 'warn', text: 'careful' },
      { at, level: 'info', text: 'done' },
    ],
  },
  { seq: 3, type: 'node_failed', at, node: 'b', error: { code: 'c', message: 'no' } },
  { seq: 4, type: 'execution_finished', at, status: 'failed' },
]

describe('log', () => {
  it('puts what nodes wrote before what was saved with it', () => {
    const lines = logOf(events)
    expect(lines.map(({ key, level, node, text }) => [key, level, node, text])).toEqual([
      ['1', 'info', undefined, undefined],
      ['2.0', 'warn', 'a', 'careful'],
      ['2.1', 'info', 'a', 'done'],
      ['2', 'debug', 'a', undefined],
      ['3', 'error', 'b', undefined],
      ['4', 'error', undefined, undefined],
    ])
    expect(lines.filter((line) => atLeast(line, 'warn')).map(({ key }) => key)).toEqual(['2.0', '3', '4'])
  })
})
