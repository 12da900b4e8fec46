import type { ExecutionFilter } from '@/api/executions'
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

export const headLength = 100

/** The newest page after rows have changed: those that the list does not show, and that do not fit its filter, are left out. */
export function patchHead(
  newest: readonly ExecutionSummary[],
  changed: readonly ExecutionSummary[],
  filter: ExecutionFilter,
  isKnown: (id: string) => boolean,
): ExecutionSummary[] {
  const now = new Map(newest.map((one) => [one.id, one]))
  for (const one of changed) {
    if (!filter.status || filter.status === one.status || isKnown(one.id)) now.set(one.id, one)
    else now.delete(one.id)
  }
  return [...now.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, headLength)
}
