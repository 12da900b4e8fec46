import { describe, expect, it } from 'vitest'
import type { ExecutionSummary } from '@/api/types'
import { failingNow, figuresOf } from './figures'

const at = (ms: number) => new Date(ms).toISOString()
const run = (status: ExecutionSummary['status'], workflow_id = 'w', ms = 100) =>
  ({ id: 'x', status, workflow_id, started_at: at(0), finished_at: status === 'running' ? null : at(ms) }) as ExecutionSummary

describe('figures of the dashboard', () => {
  it('counts states and the share of success', () => {
    const figures = figuresOf([run('succeeded', 'w', 10), run('succeeded', 'w', 20), run('failed', 'w', 300), run('running')])
    expect(figures.byStatus).toMatchObject({ succeeded: 2, failed: 1, running: 1, held: 0 })
    expect(figures.success).toBeCloseTo(2 / 3)
    expect([figures.median, figures.p95]).toEqual([20, 300])
  })

  it('says nothing where nothing is known', () => {
    expect(figuresOf([])).toMatchObject({ total: 0, success: undefined, median: undefined })
  })

  it('names the workflows that fail now', () => {
    const failing = failingNow([
      run('failed', 'a'),
      run('running', 'a'),
      run('failed', 'a'),
      run('succeeded', 'b'),
      run('failed', 'b'),
      run('succeeded', 'a'),
      run('failed', 'a'),
    ])
    expect(failing.map(({ workflow, inRow }) => [workflow, inRow])).toEqual([['a', 2]])
  })
})
