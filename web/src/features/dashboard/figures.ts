// Figures of a list of executions. Nothing is guessed: what the list does not hold is not counted.
import type { ExecutionStatus, ExecutionSummary } from '@/api/types'

export interface Figures {
  total: number
  byStatus: Record<ExecutionStatus, number>
  /** Of those that succeeded or failed; undefined when there are none. */
  success: number | undefined
  /** Half of those that ended took no longer, in ms. */
  median: number | undefined
  p95: number | undefined
}

export interface Failing {
  workflow: string
  /** The newest of its executions. */
  last: ExecutionSummary
  /** How many failed in a row. */
  inRow: number
}

export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]
}

export function figuresOf(list: readonly ExecutionSummary[]): Figures {
  const byStatus: Record<ExecutionStatus, number> = { queued: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, cancelled: 0, held: 0 }
  for (const one of list) byStatus[one.status]++
  const ended = byStatus.succeeded + byStatus.failed
  const times = list
    .filter((one) => one.started_at && one.finished_at)
    .map((one) => Date.parse(one.finished_at!) - Date.parse(one.started_at!))
    .sort((a, b) => a - b)
  return {
    total: list.length,
    byStatus,
    success: ended ? byStatus.succeeded / ended : undefined,
    median: quantile(times, 0.5),
    p95: quantile(times, 0.95),
  }
}

/** Workflows whose newest ended execution failed, the latest first. The list must be newest first. */
export function failingNow(list: readonly ExecutionSummary[]): Failing[] {
  const found = new Map<string, Failing>()
  const cured = new Set<string>()
  for (const one of list) {
    const workflow = one.workflow_id
    if (!workflow || cured.has(workflow)) continue
    if (one.status === 'succeeded') cured.add(workflow)
    if (one.status !== 'failed') continue
    const known = found.get(workflow)
    if (known) known.inRow++
    else found.set(workflow, { workflow, last: one, inRow: 1 })
  }
  return [...found.values()]
}
