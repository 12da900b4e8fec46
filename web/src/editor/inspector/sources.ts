// Where the data of a node comes from: its inputs port by port, and every node further up, by name.
import { graphOf, incoming, upstream } from '../document/graph'
import { isObject, nameOf, sourcePort, type Json, type WorkflowDocument, type WorkflowNode } from '../document/types'
import type { NodeOutput } from '../run/runData'
import type { DataSource } from './data/DataPane.vue'
import { quoted, type Known } from './expression/completion'

type Outputs = ReadonlyMap<string, NodeOutput>

/** A pinned node gives its pinned items, whatever the last run gave. */
function outputOf(node: WorkflowNode, outputs: Outputs): NodeOutput {
  const { pinned } = node
  if (Array.isArray(pinned)) return { main: pinned as readonly Json[] }
  if (isObject(pinned)) return { main: [pinned] }
  return outputs.get(node.id) ?? {}
}

const allItems = (output: NodeOutput): readonly Json[] => Object.values(output).flat()

export function inputSources(document: WorkflowDocument, node: WorkflowNode, outputs: Outputs): DataSource[] {
  const graph = graphOf(document)
  const direct = incoming(graph, node.id).flatMap((edge): DataSource[] => {
    const source = graph.nodes.get(edge.source)
    if (!source) return []
    const port = sourcePort(edge)
    const output = outputOf(source, outputs)
    const label = port === 'main' ? nameOf(source) : `${nameOf(source)} · ${port}`
    return [{ key: `in ${source.id} ${port}`, label, root: '$json', items: output[port] ?? [] }]
  })
  const told = new Set(incoming(graph, node.id).map((edge) => edge.source))
  const further = upstream(document, node.id)
    .filter((other) => !told.has(other.id))
    .map((other): DataSource => ({
      key: `up ${other.id}`,
      label: nameOf(other),
      root: `$(${quoted(nameOf(other))}).item.json`,
      items: allItems(outputOf(other, outputs)),
    }))
  return [...direct, ...further]
}

export function outputSources(node: WorkflowNode, outputs: Outputs): DataSource[] {
  return Object.entries(outputOf(node, outputs)).map(([port, items]) => ({
    key: port,
    label: port,
    root: `$(${quoted(nameOf(node))}).item.json`,
    items,
  }))
}

export function knownFor(document: WorkflowDocument, node: WorkflowNode, outputs: Outputs): Known {
  const direct = inputSources(document, node, outputs).find((source) => source.root === '$json' && source.items.length > 0)
  const nodes = upstream(document, node.id).map((other) => ({ name: nameOf(other), sample: allItems(outputOf(other, outputs))[0] }))
  return { nodes, json: direct?.items[0], variables: Object.keys(document.variables ?? {}) }
}
