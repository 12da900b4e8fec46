import { describe, expect, it } from 'vitest'
import type { ExecutionSummary } from '@/api/types'
import { mergeHead, patchHead } from './liveHead'

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

  it('takes in what changed, newest first, and keeps to its filter but for what is on the screen', () => {
    const known = (id: string) => id < '5'
    const changed = [one('4', 'failed'), one('6'), one('7', 'failed'), one('8')]
    const ids = (filter: { status?: ExecutionSummary['status'] }) =>
      patchHead([one('6'), one('4')], changed, filter, known).map((row) => row.id)
    expect(ids({})).toEqual(['8', '7', '6', '4'])
    expect(ids({ status: 'running' })).toEqual(['8', '6', '4'])
    expect(patchHead([one('6')], [one('6', 'failed')], { status: 'running' }, known)).toEqual([])
  })
})
