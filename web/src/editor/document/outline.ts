// The graph as a tree for the outline: each node once, under the node from which the topological order reaches it last.
// Further edges into it are named at the node, so that nothing of the graph is lost in the tree.
import { graphOf, incoming, topological } from './graph'
import { nameOf, sourcePort, type WorkflowDocument, type WorkflowNode } from './types'

export interface OutlineRow {
  readonly node: WorkflowNode
  readonly depth: number
  /** Position among its siblings, from 1, and their number: aria-posinset and aria-setsize. */
  readonly index: number
  readonly count: number
  readonly port: string | undefined
  /** Names of the other nodes that lead here. */
  readonly also: readonly string[]
}

export function outline(document: WorkflowDocument): OutlineRow[] {
  const graph = graphOf(document)
  const order = topological(document)
  const rank = new Map(order.map((node, i) => [node.id, i]))
  const children = new Map<string, WorkflowNode[]>()
  const ports = new Map<string, string>()
  const also = new Map<string, string[]>()
  const roots: WorkflowNode[] = []
  for (const node of order) {
    const edges = incoming(graph, node.id).filter((edge) => (rank.get(edge.source) ?? Infinity) < rank.get(node.id)!)
    const parent = edges.reduce<(typeof edges)[number] | undefined>(
      (best, edge) => (best && rank.get(best.source)! >= rank.get(edge.source)! ? best : edge),
      undefined,
    )
    if (!parent) {
      roots.push(node)
      continue
    }
    ports.set(node.id, sourcePort(parent))
    also.set(
      node.id,
      edges.filter((edge) => edge !== parent).map((edge) => nameOf(graph.nodes.get(edge.source)!)),
    )
    const list = children.get(parent.source)
    if (list) list.push(node)
    else children.set(parent.source, [node])
  }
  return rows(roots, children, (node) => ({ port: ports.get(node.id), also: also.get(node.id) ?? [] }))
}

type Links = (node: WorkflowNode) => Pick<OutlineRow, 'port' | 'also'>

/**
 * Without recursion, since a chain of 10,000 nodes is a valid workflow. An only child stays at the depth of its parent:
 * a straight line reads as a list, and only forks step to the right.
 */
function rows(roots: readonly WorkflowNode[], children: ReadonlyMap<string, WorkflowNode[]>, links: Links): OutlineRow[] {
  const out: OutlineRow[] = []
  const stack = frames(roots, 0)
  while (stack.length > 0) {
    const { node, depth, index, count } = stack.pop()!
    out.push({ node, depth, index, count, ...links(node) })
    const below = children.get(node.id) ?? []
    stack.push(...frames(below, below.length > 1 ? depth + 1 : depth))
  }
  return out
}

function frames(nodes: readonly WorkflowNode[], depth: number) {
  return nodes.map((node, i) => ({ node, depth, index: i + 1, count: nodes.length })).reverse()
}
