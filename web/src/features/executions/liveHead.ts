import type { ExecutionSummary } from '@/api/types'

export interface Head {
  /** The known list with the states of now. */
  rows: ExecutionSummary[]
  /** Executions that came since; shown when the reader asks for them, so that nothing moves under the hand. */
  fresh: number
}

/** Lays the newest page over what is on the screen. Ids grow with time, so a greater one is newer. */
export function mergeHead(known: readonly ExecutionSummary[], newest: readonly ExecutionSummary[]): Head {
  const now = new Map(newest.map((one) => [one.id, one]))
  const first = known[0]?.id
  return {
    rows: known.map((one) => now.get(one.id) ?? one),
    fresh: first === undefined ? newest.length : newest.filter((one) => one.id > first).length,
  }
}
