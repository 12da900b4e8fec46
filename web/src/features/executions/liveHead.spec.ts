import { describe, expect, it } from 'vitest'
import type { ExecutionSummary } from '@/api/types'
import { mergeHead } from './liveHead'

const one = (id: string, status: ExecutionSummary['status'] = 'running') => ({ id, status }) as ExecutionSummary

describe('the head of a live list', () => {
  it('counts what is new and renews what is known', () => {
    const head = mergeHead([one('5'), one('3')], [one('7'), one('6'), one('5', 'succeeded'), one('3')])
    expect(head.fresh).toBe(2)
    expect(head.rows.map((row) => row.status)).toEqual(['succeeded', 'running'])
  })

  it('takes all as new when nothing was there', () => {
    expect(mergeHead([], [one('1')]).fresh).toBe(1)
  })
})
