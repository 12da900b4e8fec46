// The shapes of docs/api.md, written by hand until the server publishes its OpenAPI document. One spelling from column to browser.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export const executionStatuses = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'held'] as const
export type ExecutionStatus = (typeof executionStatuses)[number]

export const nodeStatuses = [
  'pending',
  'running',
  'retrying',
  'waiting',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
  'held',
  'quarantined',
] as const
export type NodeStatus = (typeof nodeStatuses)[number]

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export interface WorkflowSummary {
  id: string
  version: number
  status: 'draft' | 'published'
  published_version: number | null
  created_at: string
  updated_at: string
  name: string
  tags?: string[]
}

export interface WorkflowNode {
  id: string
  name?: string
  type: string
  config?: JsonObject
  parent?: string | null
  disabled?: boolean
}

export interface WorkflowEdge {
  source: string
  source_port?: string
  target: string
  target_port?: string
  condition?: string
}

export interface Workflow extends WorkflowSummary {
  description?: string
  settings?: JsonObject
  variables?: JsonObject
  nodes: WorkflowNode[]
  edges: WorkflowEdge[]
  warnings?: Fault[]
}

export interface Fault {
  code: string
  message: string
  at: string
}

export interface Validation {
  valid: boolean
  errors: Fault[]
  warnings: Fault[]
}

export interface RunError {
  code: string
  message: string
  at?: string
  node?: string
}

export interface ExecutionSummary {
  id: string
  workflow_id: string | null
  version: number
  status: ExecutionStatus
  trigger: string
  created_at: string
  started_at: string | null
  finished_at: string | null
  error: RunError | null
}

export interface NodeRun {
  status: NodeStatus
  attempts: number
  started_at: string | null
  finished_at: string | null
  until?: string | null
  items?: Record<string, number>
  error?: RunError
}

export interface Execution extends ExecutionSummary {
  nodes: Record<string, NodeRun>
}

export interface ExecutionResult {
  status: ExecutionStatus
  output: Json[] | null
  error: RunError | null
}

export interface OutputItem {
  json: Json
  origin?: number
}

export interface ExecutionEvent {
  seq: number
  type: string
  at: string
  node?: string
  attempt?: number
  started_at?: string
  until?: string
  status?: ExecutionStatus
  items?: Record<string, number>
  output?: Record<string, OutputItem[]>
  edges?: { edge: number; passed: number; items?: number[] }[]
  items_done?: number
  error?: RunError & { kind?: string; retry_after_ms?: number }
  data?: JsonObject
  response?: Json
}

export interface EventPage {
  items: ExecutionEvent[]
  next_after: number | null
}

export type DecideAction = 'retry' | 'succeed' | 'fail'

export interface NodeType {
  type: string
  version: number
  group: string
  title: string
  summary: string
  run: 'each' | 'once'
  pure: boolean
  inputs: string[]
  /** A list, or a rule: one port for each element of a list in the config, and further fixed ones. */
  outputs: string[] | { each: string; name: string; also: string[] }
  config: JsonObject
  output?: JsonObject
  errors: { code: string; cure: string }[]
  examples: { title: string; config: JsonObject; input?: Json; output?: Json }[]
  texts: { ru?: NodeTypeTexts }
  docs: { en: string; ru?: string }
  icon: string
}

export interface NodeTypeTexts {
  title?: string
  summary?: string
  config?: Record<string, { title?: string; description?: string; labels?: Record<string, string> }>
  errors?: Record<string, string>
  examples?: string[]
}

export const finalStatuses: readonly ExecutionStatus[] = ['succeeded', 'failed', 'cancelled']
export const isFinal = (status: ExecutionStatus): boolean => finalStatuses.includes(status)
