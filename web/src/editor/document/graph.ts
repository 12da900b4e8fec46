// An index over nodes and edges, made once per snapshot, and the topological order drawn from it.
import { nameOf, positionOf, type WorkflowDocument, type WorkflowEdge, type WorkflowNode } from './types'

export interface Graph {
  readonly nodes: ReadonlyMap<string, WorkflowNode>
  readonly byName: ReadonlyMap<string, WorkflowNode>
  readonly out: ReadonlyMap<string, readonly WorkflowEdge[]>
  readonly into: ReadonlyMap<string, readonly WorkflowEdge[]>
}

const NONE: readonly WorkflowEdge[] = []
// Only of the last two asked for: the undo log holds many snapshots, and an index weighs more than what a step changes.
let recent: readonly (readonly [WorkflowDocument, Graph])[] = []

export function graphOf(document: WorkflowDocument): Graph {
  const known = recent.find(([one]) => one === document)
  if (known) return known[1]
  const graph = indexOf(document)
  recent = [[document, graph], ...recent.slice(0, 1)]
  return graph
}

function indexOf(document: WorkflowDocument): Graph {
  const nodes = new Map<string, WorkflowNode>()
  const byName = new Map<string, WorkflowNode>()
  const out = new Map<string, WorkflowEdge[]>()
  const into = new Map<string, WorkflowEdge[]>()
  for (const node of document.nodes) {
    if (!nodes.has(node.id)) nodes.set(node.id, node)
    if (!byName.has(nameOf(node))) byName.set(nameOf(node), node)
  }
  for (const edge of document.edges) {
    push(out, edge.source, edge)
    push(into, edge.target, edge)
  }
  return { nodes, byName, out, into }
}

function push(map: Map<string, WorkflowEdge[]>, key: string, edge: WorkflowEdge): void {
  const list = map.get(key)
  if (list) list.push(edge)
  else map.set(key, [edge])
}

export const outgoing = (graph: Graph, id: string): readonly WorkflowEdge[] => graph.out.get(id) ?? NONE
export const incoming = (graph: Graph, id: string): readonly WorkflowEdge[] => graph.into.get(id) ?? NONE

/** Reading order: down the canvas, then to the right. */
export function byPlace(a: WorkflowNode, b: WorkflowNode): number {
  const p = positionOf(a)
  const q = positionOf(b)
  return p.y - q.y || p.x - q.x || (a.id < b.id ? -1 : 1)
}

/** Every node after all that lead to it; nodes on a cycle come last, in document order. */
export function topological(document: WorkflowDocument): WorkflowNode[] {
  const graph = graphOf(document)
  const missing = new Map<string, number>()
  for (const node of document.nodes) {
    missing.set(node.id, incoming(graph, node.id).filter((edge) => graph.nodes.has(edge.source)).length)
  }
  const ready = document.nodes.filter((node) => missing.get(node.id) === 0).sort(byPlace)
  const order: WorkflowNode[] = []
  for (let at = 0; at < ready.length; at++) {
    const node = ready[at]!
    order.push(node)
    for (const edge of outgoing(graph, node.id)) {
      const left = (missing.get(edge.target) ?? 0) - 1
      missing.set(edge.target, left)
      const next = graph.nodes.get(edge.target)
      if (left === 0 && next) ready.push(next)
    }
  }
  if (order.length === document.nodes.length) return order
  const seen = new Set(order)
  return [...order, ...document.nodes.filter((node) => !seen.has(node))]
}

/** Nodes that lead to this one, nearest first. */
export function upstream(document: WorkflowDocument, id: string): WorkflowNode[] {
  return reach(document, id, (graph, at) => incoming(graph, at).map((edge) => edge.source))
}

export function downstream(document: WorkflowDocument, id: string): WorkflowNode[] {
  return reach(document, id, (graph, at) => outgoing(graph, at).map((edge) => edge.target))
}

function reach(document: WorkflowDocument, id: string, step: (graph: Graph, at: string) => string[]): WorkflowNode[] {
  const graph = graphOf(document)
  const seen = new Set([id])
  const queue = [id]
  const found: WorkflowNode[] = []
  for (let at = 0; at < queue.length; at++) {
    for (const next of step(graph, queue[at]!)) {
      if (seen.has(next)) continue
      seen.add(next)
      queue.push(next)
      const node = graph.nodes.get(next)
      if (node) found.push(node)
    }
  }
  return found
}

/** Whether an edge from source to target would close a cycle. */
export function closesCycle(document: WorkflowDocument, source: string, target: string): boolean {
  return source === target || downstream(document, target).some((node) => node.id === source)
}
