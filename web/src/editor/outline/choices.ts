// Where an edge from a node may go, and which edges it has: the lists behind the connect and disconnect dialogs.
import { graphOf, incoming, outgoing, upstream } from '../document/graph'
import type { NodeTypes } from '../document/nodeTypes'
import { inputPorts } from '../document/nodeTypes'
import { MAIN, edgeKey, nameOf, sourcePort, type WorkflowDocument, type WorkflowEdge } from '../document/types'

export interface Choice {
  readonly key: string
  readonly label: string
  readonly edge: WorkflowEdge
}

/** Nodes from which this one is reached: an edge to them would close a cycle. */
export const downstreamIds = (document: WorkflowDocument, id: string): ReadonlySet<string> =>
  new Set(upstream(document, id).map((node) => node.id))

export function targetChoices(
  document: WorkflowDocument,
  types: NodeTypes,
  source: string,
  port: string,
  forbidden: ReadonlySet<string>,
): Choice[] {
  const taken = new Set(document.edges.map(edgeKey))
  return document.nodes.flatMap((node) => {
    if (node.id === source || forbidden.has(node.id)) return []
    const inputs = inputPorts(types.get(node.type))
    return inputs.flatMap((input) => {
      const edge = { source, source_port: port, target: node.id, target_port: input } as WorkflowEdge
      if (taken.has(edgeKey(edge))) return []
      return [{ key: edgeKey(edge), label: input === MAIN ? nameOf(node) : `${nameOf(node)}, ${input}`, edge }]
    })
  })
}

export function edgeChoices(document: WorkflowDocument, id: string): Choice[] {
  const graph = graphOf(document)
  const name = (other: string) => nameOf(graph.nodes.get(other) ?? ({ id: other, type: '' } as never))
  return [...incoming(graph, id), ...outgoing(graph, id)].map((edge) => {
    const port = sourcePort(edge) === MAIN ? '' : ` (${sourcePort(edge)})`
    return { key: edgeKey(edge), label: `${name(edge.source)}${port} → ${name(edge.target)}`, edge }
  })
}
