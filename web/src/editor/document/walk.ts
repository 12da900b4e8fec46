// Where the arrow keys lead: right and left along edges, up and down among siblings, as seen on the canvas.
import { byPlace, graphOf, incoming, outgoing } from './graph'
import { positionOf, type WorkflowDocument, type WorkflowEdge, type WorkflowNode } from './types'

export type Direction = 'left' | 'right' | 'up' | 'down'

export function walk(document: WorkflowDocument, from: string | undefined, direction: Direction): string | undefined {
  const graph = graphOf(document)
  const node = from === undefined ? undefined : graph.nodes.get(from)
  if (!node) return firstNode(document)?.id
  if (direction === 'right') return nearest(successors(document, node), node)?.id ?? beside(document, node, 1)?.id
  if (direction === 'left') return nearest(predecessors(document, node), node)?.id ?? beside(document, node, -1)?.id
  return sibling(document, node, direction === 'down' ? 1 : -1)?.id
}

export function firstNode(document: WorkflowDocument): WorkflowNode | undefined {
  const graph = graphOf(document)
  const roots = document.nodes.filter((node) => incoming(graph, node.id).length === 0)
  return (roots.length ? roots : [...document.nodes]).sort(byPlace)[0]
}

const successors = (document: WorkflowDocument, node: WorkflowNode): WorkflowNode[] =>
  ends(
    document,
    outgoing(graphOf(document), node.id).map((edge) => edge.target),
  )
const predecessors = (document: WorkflowDocument, node: WorkflowNode): WorkflowNode[] =>
  ends(
    document,
    incoming(graphOf(document), node.id).map((edge) => edge.source),
  )

function ends(document: WorkflowDocument, ids: readonly string[]): WorkflowNode[] {
  const graph = graphOf(document)
  return [...new Set(ids)].flatMap((id) => graph.nodes.get(id) ?? []).sort(byPlace)
}

function nearest(nodes: readonly WorkflowNode[], to: WorkflowNode): WorkflowNode | undefined {
  const y = positionOf(to).y
  return [...nodes].sort((a, b) => Math.abs(positionOf(a).y - y) - Math.abs(positionOf(b).y - y))[0]
}

/** Siblings share a node before or after them; a node without any walks among all nodes of its column. */
function sibling(document: WorkflowDocument, node: WorkflowNode, by: number): WorkflowNode | undefined {
  const shared = [
    ...predecessors(document, node).flatMap((other) => successors(document, other)),
    ...successors(document, node).flatMap((other) => predecessors(document, other)),
  ]
  const list = [...new Set([...shared, node])].sort(byPlace)
  const next = list[list.indexOf(node) + by]
  return next ?? vertical(document, node, by)
}

function vertical(document: WorkflowDocument, node: WorkflowNode, by: number): WorkflowNode | undefined {
  const at = positionOf(node)
  return pick(
    document,
    node,
    (other) => (positionOf(other).y - at.y) * by,
    (other) => Math.abs(positionOf(other).x - at.x),
  )
}

function beside(document: WorkflowDocument, node: WorkflowNode, by: number): WorkflowNode | undefined {
  const at = positionOf(node)
  return pick(
    document,
    node,
    (other) => (positionOf(other).x - at.x) * by,
    (other) => Math.abs(positionOf(other).y - at.y),
  )
}

/** The nearest node ahead; being off the line counts double. */
function pick(document: WorkflowDocument, node: WorkflowNode, ahead: (n: WorkflowNode) => number, aside: (n: WorkflowNode) => number) {
  let best: WorkflowNode | undefined
  let least = Infinity
  for (const other of document.nodes) {
    const distance = ahead(other)
    if (other === node || distance <= 0) continue
    const cost = distance + 2 * aside(other)
    if (cost < least) [best, least] = [other, cost]
  }
  return best
}

/** The edges of a node in the order `E` goes through them: in first, then out. */
export function edgesOf(document: WorkflowDocument, id: string): WorkflowEdge[] {
  const graph = graphOf(document)
  return [...incoming(graph, id), ...outgoing(graph, id)]
}
