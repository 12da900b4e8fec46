// The shapes of api/openapi.yaml, which `npm run types` turns into schema.d.ts. One spelling from column to browser.
import type { components } from './schema'

export type Schema = components['schemas']

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export const executionStatuses = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'held',
] as const satisfies readonly Schema['ExecutionStatus'][]
export type ExecutionStatus = Schema['ExecutionStatus']

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
] as const satisfies readonly Schema['NodeStatus'][]
export type NodeStatus = Schema['NodeStatus']

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export type WorkflowSummary = Schema['WorkflowSummary']

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

export type Workflow = Schema['Workflow']

export type Fault = Schema['Fault']

export type Validation = Schema['Validation']

export type RunError = Schema['RunError']

export type ExecutionSummary = Schema['ExecutionSummary']

export type NodeRun = Schema['NodeRun']

export type Execution = Schema['Execution']

export type ExecutionResult = Schema['ExecutionResult']

export interface OutputItem {
  json: Json
  origin?: number
}

export type ExecutionEvent = Schema['ExecutionEvent']

export type EventPage = Schema['EventPage']

export type DecideAction = 'retry' | 'succeed' | 'fail'

export type NodeType = Schema['NodeType']

export type NodeTypeTexts = Schema['NodeTypeTexts']

export const finalStatuses: readonly ExecutionStatus[] = ['succeeded', 'failed', 'cancelled']
export const isFinal = (status: ExecutionStatus): boolean => finalStatuses.includes(status)
