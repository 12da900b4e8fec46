import { get, post } from './client'
import type { ExecutionStatus, Json, Page, Schema } from './types'

/** What starts a published workflow by itself. What it has tells its kind: a path is called, an event is heard, times come by themselves. */
export type Trigger = Schema['Trigger']

export interface Tick {
  at: string
  outcome: string
  execution_id: string | null
  status: ExecutionStatus | null
}

/** What one has started of late, in even parts of a day. */
export interface Activity {
  id: string
  last: { at: string; execution_id: string; status: ExecutionStatus }
  series: { at: string; succeeded: number; failed: number; other: number }[]
}

export function listTriggers(cursor: string | null, signal?: AbortSignal): Promise<Page<Trigger>> {
  return get('/triggers', { params: { cursor: cursor || undefined, limit: 100 }, signal })
}
export const triggerStats = (signal?: AbortSignal): Promise<{ items: Activity[] }> => get('/triggers/stats', { signal })
export function triggerHistory(id: string, cursor: string | null, signal?: AbortSignal): Promise<Page<Tick>> {
  return get(`/triggers/${encodeURIComponent(id)}/history`, { params: { cursor: cursor || undefined, limit: 20 }, signal })
}
export const switchTrigger = (id: string, on: boolean): Promise<Trigger> =>
  post(`/triggers/${encodeURIComponent(id)}/${on ? 'enable' : 'disable'}`)
export const nextRuns = (id: string, signal?: AbortSignal): Promise<{ items: string[] }> =>
  get(`/triggers/${encodeURIComponent(id)}/next-runs`, { params: { count: 10 }, signal })
/** Of a schedule that is not saved. */
export const previewRuns = (config: Json, timezone: string | undefined, signal?: AbortSignal): Promise<{ items: string[] }> =>
  post('/triggers/next-runs', { config, timezone, count: 5 }, { signal })
export const fireTrigger = (id: string, input: Json): Promise<{ id: string; status: ExecutionStatus }> =>
  post(`/triggers/${encodeURIComponent(id)}`, { input })
