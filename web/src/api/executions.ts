import { get, post } from './client'
import type { DecideAction, EventPage, Execution, ExecutionResult, ExecutionStatus, ExecutionSummary, Json, Page } from './types'

export interface ExecutionFilter {
  workflow_id?: string
  status?: ExecutionStatus
}

export function listExecutions(
  filter: ExecutionFilter = {},
  cursor?: string | null,
  limit = 100,
  signal?: AbortSignal,
): Promise<Page<ExecutionSummary>> {
  return get('/executions', { params: { ...filter, cursor: cursor || undefined, limit }, signal })
}

export const getExecution = (id: string, signal?: AbortSignal): Promise<Execution> => get(`/executions/${id}`, { signal })
export const getResult = (id: string, signal?: AbortSignal): Promise<ExecutionResult> => get(`/executions/${id}/result`, { signal })
export const cancelExecution = (id: string): Promise<{ id: string; status: ExecutionStatus }> => post(`/executions/${id}/cancel`)
export const retryExecution = (id: string): Promise<{ id: string; status: ExecutionStatus }> => post(`/executions/${id}/retry`)

export function decideNode(id: string, node: string, action: DecideAction, items?: Json): Promise<unknown> {
  return post(`/executions/${id}/decide`, items === undefined ? { node, action } : { node, action, items })
}

export function getEvents(
  id: string,
  after = 0,
  options: { output?: boolean; limit?: number; signal?: AbortSignal } = {},
): Promise<EventPage> {
  const { output, limit = 1000, signal } = options
  return get(`/executions/${id}/events`, { params: { after, limit, output: output || undefined }, signal })
}
