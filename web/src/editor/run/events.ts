// The journal of an execution, folded. One reducer serves the live run, a past run and every place of the film slider.
import type { Json } from '../document/types'

export type NodeStatus =
  'pending' | 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'held' | 'quarantined'
export type ExecutionStatus = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'held'

export interface RunError {
  readonly code: string
  readonly message: string
  readonly at?: string
}

export interface OutputItem {
  readonly json: Json
  readonly origin?: number
}

export interface RunEvent {
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly node?: string
  readonly attempt?: number
  readonly started_at?: string
  readonly until?: string
  readonly status?: ExecutionStatus
  readonly items?: Readonly<Record<string, number>>
  readonly output?: Readonly<Record<string, readonly OutputItem[]>>
  readonly edges?: readonly { readonly edge: number; readonly passed: number }[]
  readonly error?: RunError
  readonly log?: readonly { readonly level: string; readonly text: string }[]
  readonly data?: Readonly<Record<string, Json>>
}

export interface NodeRun {
  readonly status: NodeStatus
  readonly attempt: number
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly until?: number
  readonly items?: Readonly<Record<string, number>>
  readonly error?: RunError
}

export interface RunState {
  readonly status: ExecutionStatus
  readonly seq: number
  readonly at: number
  readonly startedAt: number | undefined
  readonly nodes: ReadonlyMap<string, NodeRun>
  /** Items that passed an edge with a condition, by its position in the version's edges. */
  readonly passed: ReadonlyMap<number, number>
  readonly error: RunError | undefined
}

export const IDLE: NodeRun = { status: 'pending', attempt: 0 }
export const noRun: RunState = {
  status: 'queued',
  seq: 0,
  at: 0,
  startedAt: undefined,
  nodes: new Map(),
  passed: new Map(),
  error: undefined,
}

const STATUS_OF: Readonly<Record<string, NodeStatus>> = {
  node_started: 'running',
  node_succeeded: 'succeeded',
  node_retrying: 'retrying',
  node_failed: 'failed',
  node_waiting: 'waiting',
  node_woken: 'running',
  node_held: 'held',
  node_skipped: 'skipped',
  node_cancelled: 'cancelled',
  node_quarantined: 'quarantined',
}

/** Folds many events at once: the maps are copied once a batch, not once an event. */
export function foldEvents(state: RunState, events: readonly RunEvent[]): RunState {
  const fresh = events.filter((event) => event.seq > state.seq)
  if (fresh.length === 0) return state
  const nodes = new Map(state.nodes)
  const passed = new Map(state.passed)
  let { status, startedAt, error } = state
  for (const event of fresh) {
    foldNode(nodes, event)
    for (const verdict of event.edges ?? []) passed.set(verdict.edge, verdict.passed)
    status = statusAfter(event)
    if (event.type === 'execution_started') startedAt = Date.parse(event.at)
    if (event.type === 'execution_finished') error = event.error
    if (event.type === 'execution_retried') error = undefined
  }
  const last = fresh.at(-1)!
  return { status, seq: last.seq, at: Date.parse(last.at), startedAt, nodes, passed, error }
}

function statusAfter(event: RunEvent): ExecutionStatus {
  if (event.type === 'execution_finished') return event.status ?? 'succeeded'
  if (event.type === 'node_held' || event.type === 'node_quarantined') return 'held'
  if (event.type === 'node_waiting') return 'waiting'
  return 'running'
}

function foldNode(nodes: Map<string, NodeRun>, event: RunEvent): void {
  if (event.type === 'execution_retried') return retried(nodes, event)
  const status = STATUS_OF[event.type]
  if (!event.node || !status) return
  const before = nodes.get(event.node) ?? IDLE
  const at = Date.parse(event.at)
  const startedAt = startOf(before, event, status, at)
  const over = status !== 'running' && status !== 'retrying' && status !== 'waiting'
  nodes.set(event.node, {
    status,
    attempt: event.attempt ?? before.attempt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(over ? { finishedAt: at } : {}),
    ...(event.until ? { until: Date.parse(event.until) } : {}),
    ...(event.items ? { items: event.items } : {}),
    ...(event.error ? { error: event.error } : {}),
  })
}

/** A node that waited began when its wait began: its last piece of work is not the whole of it. */
function startOf(before: NodeRun, event: RunEvent, status: NodeStatus, at: number): number | undefined {
  const own = event.started_at ? Date.parse(event.started_at) : status === 'running' || status === 'waiting' ? at : undefined
  if (before.startedAt === undefined || own === undefined) return own ?? before.startedAt
  return Math.min(before.startedAt, own)
}

function retried(nodes: Map<string, NodeRun>, event: RunEvent): void {
  const again = event.data?.['nodes']
  for (const id of Array.isArray(again) ? again : []) nodes.delete(String(id))
}

export const isOver = (status: ExecutionStatus): boolean => status === 'succeeded' || status === 'failed' || status === 'cancelled'

export const itemCount = (run: NodeRun | undefined): number | undefined =>
  run?.items && Object.values(run.items).reduce((sum, n) => sum + n, 0)

export function duration(run: NodeRun | undefined, now?: number): number | undefined {
  const end = run?.finishedAt ?? now
  return run?.startedAt === undefined || end === undefined ? undefined : Math.max(0, end - run.startedAt)
}

export function formatDuration(ms: number): string {
  if (ms < 1) return '<1 ms'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
  const minutes = Math.floor(ms / 60_000)
  return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`
}
