import { get, post, put, remove } from './client'
import type { ExecutionResult, Json, Page, Validation, Workflow, WorkflowSummary } from './types'

export interface WorkflowFilter {
  name?: string
  tag?: string
  status?: 'draft' | 'published'
}

export type ExportFormat = 'json' | 'yaml' | 'mermaid'
export type Document = { [key: string]: Json }

export function listWorkflows(
  filter: WorkflowFilter = {},
  cursor?: string | null,
  limit = 50,
  signal?: AbortSignal,
): Promise<Page<WorkflowSummary>> {
  return get('/workflows', { params: { ...filter, cursor: cursor || undefined, limit }, signal })
}

export function getWorkflow(id: string, version?: number | 'published', signal?: AbortSignal): Promise<Workflow> {
  return get(`/workflows/${id}`, { params: { version }, signal })
}

export const createWorkflow = (document: unknown): Promise<Workflow> => post('/workflows', document)
export const validateWorkflow = (document: unknown, signal?: AbortSignal): Promise<Validation> =>
  post('/workflows/validate', document, { signal })
export const saveWorkflow = (id: string, document: unknown, version?: number): Promise<Workflow> =>
  put(`/workflows/${id}`, document, version)
export const deleteWorkflow = (id: string): Promise<void> => remove(`/workflows/${id}`)
export const publishWorkflow = (id: string): Promise<Workflow> => post(`/workflows/${id}/publish`)
export const unpublishWorkflow = (id: string): Promise<Workflow> => post(`/workflows/${id}/unpublish`)

export function exportWorkflow(id: string, format: ExportFormat): Promise<string> {
  return get(`/workflows/${id}/export`, { params: { format }, responseType: 'text' })
}

/** Without `wait` the answer comes as soon as the execution is on disk; with it (such as "30s") when it has ended, or not yet. */
export function executeWorkflow(
  id: string,
  input: Json,
  options: { version?: number | 'published'; wait?: string } = {},
): Promise<{ id: string } & Partial<ExecutionResult>> {
  return post(`/workflows/${id}/execute`, { input }, { params: options, timeout: options.wait ? 120_000 : undefined })
}

export interface Version {
  version: number
  created_at: string
  published: boolean
}
/** One place that differs, by its JSON pointer. */
export interface Difference {
  at: string
  change: 'added' | 'removed' | 'changed'
  before?: Json
  after?: Json
}
interface PartDifference {
  added: Document[]
  removed: Document[]
  changed: { id: string; before: Document; after: Document; differences: Difference[] }[]
}
export interface VersionDifference {
  from: number
  to: number
  nodes: PartDifference
  edges: PartDifference
  rest: Difference[]
}

export function listVersions(id: string, cursor: string | null, signal?: AbortSignal): Promise<Page<Version>> {
  return get(`/workflows/${id}/versions`, { params: { cursor: cursor || undefined, limit: 50 }, signal })
}
export const compareVersions = (id: string, from: number, to: number, signal?: AbortSignal): Promise<VersionDifference> =>
  get(`/workflows/${id}/diff`, { params: { from, to }, signal })
/** The old version again, as a new one on top of `newest`. */
export const restoreVersion = (id: string, version: number, newest: number): Promise<Workflow> =>
  post(`/workflows/${id}/restore`, { version }, { headers: { 'If-Match': `"${newest}"` } })
export const publishVersion = (id: string, version: number): Promise<Workflow> =>
  post(`/workflows/${id}/publish`, {}, { params: { version } })
