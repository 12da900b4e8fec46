// The journal of an execution folded into bars: what each node did from when to when. Pure: the time now comes in by the door.
import type { ExecutionEvent, ExecutionStatus, NodeStatus, RunError } from '@/api/types'

export type SegmentKind = 'run' | 'failed' | 'backoff' | 'wait' | 'decision'

export interface Segment {
  kind: SegmentKind
  from: number
  /** Not there while it goes on. */
  to?: number
  attempt: number
}

export interface NodeLine {
  node: string
  status: NodeStatus
  attempts: number
  segments: Segment[]
  /** Items it gave, by port. */
  items?: Record<string, number>
  error?: RunError
  /** The event that holds what it gave. */
  outputSeq?: number
}

export interface Timeline {
  status: ExecutionStatus
  start: number
  /** Of the last event; the end, when it is over. */
  last: number
  seq: number
  /** In the order in which they began. */
  lines: ReadonlyMap<string, NodeLine>
  error?: RunError
}

export const emptyTimeline: Timeline = { status: 'queued', start: 0, last: 0, seq: 0, lines: new Map() }

const time = (at: string) => Date.parse(at)

function close(segments: Segment[], at: number): Segment[] {
  return segments.map((segment) => (segment.to === undefined ? { ...segment, to: at } : segment))
}

/** Nodes without effects have no event of their beginning; their end tells it. */
function ended(line: NodeLine, event: ExecutionEvent, kind: 'run' | 'failed'): Segment[] {
  const at = time(event.at)
  const open = line.segments.at(-1)
  if (open && open.to === undefined && open.kind === 'run') return [...line.segments.slice(0, -1), { ...open, kind, to: at }]
  const from = event.started_at ? time(event.started_at) : at
  return [...close(line.segments, from), { kind, from, to: at, attempt: event.attempt ?? 1 }]
}

type Change = (line: NodeLine, event: ExecutionEvent) => Partial<NodeLine>

const opened = (line: NodeLine, event: ExecutionEvent, kind: SegmentKind): Segment[] => [
  ...close(line.segments, time(event.at)),
  { kind, from: time(event.at), attempt: event.attempt ?? line.attempts },
]

const changes: Record<string, Change> = {
  node_started: (line, event) => ({ status: 'running', segments: opened(line, event, 'run'), error: undefined }),
  node_succeeded: (line, event) => ({ status: 'succeeded', segments: ended(line, event, 'run'), error: undefined }),
  node_failed: (line, event) => ({ status: 'failed', segments: ended(line, event, 'failed'), error: event.error }),
  node_retrying: (line, event) => ({
    status: 'retrying',
    segments: [...ended(line, event, 'failed'), { kind: 'backoff', from: time(event.at), attempt: event.attempt ?? line.attempts }],
    error: event.error,
  }),
  node_waiting: (line, event) => ({ status: 'waiting', segments: opened(line, event, 'wait') }),
  node_woken: (line, event) => ({ status: 'running', segments: close(line.segments, time(event.at)) }),
  node_held: (line, event) => ({ status: 'held', segments: opened(line, event, 'decision'), error: event.error }),
  node_quarantined: (line, event) => ({ status: 'quarantined', segments: opened(line, event, 'decision'), error: event.error }),
  node_skipped: () => ({ status: 'skipped' }),
  node_cancelled: (line, event) => ({ status: 'cancelled', segments: close(line.segments, time(event.at)) }),
  node_decided: (line, event) => ({ status: 'pending', segments: close(line.segments, time(event.at)), error: undefined }),
}

function withNode(timeline: Timeline, event: ExecutionEvent, node: string): ReadonlyMap<string, NodeLine> {
  const change = changes[event.type]
  if (!change) return timeline.lines
  const line = timeline.lines.get(node) ?? { node, status: 'pending', attempts: 0, segments: [] }
  const next: NodeLine = { ...line, attempts: event.attempt ?? line.attempts, ...change(line, event) }
  if (event.items) Object.assign(next, { items: event.items, outputSeq: event.seq })
  return new Map(timeline.lines).set(node, next)
}

function withExecution(timeline: Timeline, event: ExecutionEvent): Partial<Timeline> {
  if (event.type === 'execution_started') return { status: 'running', start: time(event.at) }
  if (event.type === 'execution_finished') return { status: event.status ?? timeline.status, error: event.error }
  if (event.type !== 'execution_retried') return {}
  const again = Array.isArray(event.data?.nodes) ? event.data.nodes : []
  const lines = new Map(timeline.lines)
  for (const node of again) {
    const line = lines.get(String(node))
    if (line) lines.set(line.node, { ...line, status: 'pending', error: undefined, segments: close(line.segments, time(event.at)) })
  }
  return { status: 'running', error: undefined, lines }
}

/** One more event. Those already seen change nothing, so a repeated page does no harm. */
export function reduce(timeline: Timeline, event: ExecutionEvent): Timeline {
  if (event.seq <= timeline.seq) return timeline
  const lines = event.node === undefined ? timeline.lines : withNode(timeline, event, event.node)
  return { ...timeline, lines, seq: event.seq, last: Math.max(timeline.last, time(event.at)), ...withExecution(timeline, event) }
}

export interface Span {
  from: number
  length: number
}

/** Where a segment is drawn, in parts of the whole; too short ones stay visible by the smallest width of the bar. */
export function place(segment: Segment, start: number, end: number): Span {
  const whole = Math.max(1, end - start)
  const from = Math.min(1, Math.max(0, (segment.from - start) / whole))
  const to = Math.min(1, Math.max(from, ((segment.to ?? end) - start) / whole))
  return { from, length: to - from }
}

/** Round distances for the scale: 1, 2 or 5 of a power of ten, no more than `most` of them. */
export function ticks(length: number, most = 6): number[] {
  if (length <= 0) return [0]
  const raw = length / most
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw
  const every = Math.max(1, step)
  return Array.from({ length: Math.floor(length / every) + 1 }, (_, index) => index * every)
}

/** Time spent at work, without waiting. */
export function busyTime(line: NodeLine, now: number): number {
  return line.segments
    .filter((segment) => segment.kind === 'run' || segment.kind === 'failed')
    .reduce((sum, segment) => sum + ((segment.to ?? now) - segment.from), 0)
}
