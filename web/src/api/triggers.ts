import { get, post } from './client'
import type { ExecutionStatus, Json, Page, Schema } from './types'

/** What starts a published workflow by itself. What it has tells its kind: a path is called, an event is heard, times come by themselves. */
export type Trigger = Schema['Trigger']

export interface Tick {
  at: string
  outcome: string
  execution_id: string | null
}

export function listTriggers(cursor: string | null, signal?: AbortSignal): Promise<Page<Trigger>> {
  return get('/triggers', { params: { cursor: cursor || undefined, limit: 100 }, signal })
}
export function triggerHistory(id: string, signal?: AbortSignal): Promise<Page<Tick>> {
  return get(`/triggers/${encodeURIComponent(id)}/history`, { params: { limit: 20 }, signal })
}
export const nextRuns = (id: string, signal?: AbortSignal): Promise<{ items: string[] }> =>
  get(`/triggers/${encodeURIComponent(id)}/next-runs`, { params: { count: 10 }, signal })
export const fireTrigger = (id: string, input: Json): Promise<{ id: string; status: ExecutionStatus }> =>
  post(`/triggers/${encodeURIComponent(id)}`, { input })
