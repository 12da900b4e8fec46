// The rows of the timeline: each node that did something, when, for how long.
import { graphOf } from '../document/graph'
import { nameOf, type WorkflowDocument } from '../document/types'
import { itemCount, type NodeStatus, type RunState } from './events'

export interface TimelineRow {
  readonly id: string
  readonly name: string
  readonly status: NodeStatus
  /** Parts of the whole, from 0 to 1. */
  readonly from: number
  readonly width: number
  readonly ms: number | undefined
  readonly items: number | undefined
}

export function timeline(document: WorkflowDocument, run: RunState, now: number): { rows: TimelineRow[]; total: number } {
  const { nodes } = graphOf(document)
  const start = run.startedAt ?? now
  const ends = [...run.nodes.values()].map((node) => node.finishedAt ?? now)
  const total = Math.max(1, Math.max(start, ...ends) - start)
  const rows = [...run.nodes].map(([id, node]): TimelineRow => {
    const from = (node.startedAt ?? node.finishedAt ?? now) - start
    const end = (node.finishedAt ?? now) - start
    const known = nodes.get(id)
    return {
      id,
      name: known ? nameOf(known) : id,
      status: node.status,
      from: from / total,
      width: Math.max(0, end - from) / total,
      ms: node.startedAt === undefined ? undefined : end - from,
      items: itemCount(node),
    }
  })
  return { rows: rows.sort((a, b) => a.from - b.from), total }
}
