// What the editor can say at once, before the server answers: names, ends of edges, empty required fields, references.
import { graphOf, incoming, upstream } from './graph'
import type { NodeType, NodeTypes } from './nodeTypes'
import { declaredOutputs } from './nodeTypes'
import { joinPointer } from './pointer'
import { placed, type Problem } from './problems'
import { referencesIn } from './references'
import { ERROR_PORT, edgeKey, isObject, nameOf, sourcePort, targetPort, type Json, type WorkflowDocument, type WorkflowNode } from './types'

export function lint(document: WorkflowDocument, types: NodeTypes): Problem[] {
  const found = [
    ...doubledNames(document),
    ...document.nodes.flatMap((node, index) => lintNode(document, node, index, types)),
    ...lintEdges(document, types),
  ]
  return found.map((problem) => placed(document, problem))
}

const problem = (severity: Problem['severity'], code: string, at: string, args?: Record<string, string>): Problem => ({
  severity,
  code,
  at,
  ...(args ? { args } : {}),
})

function doubledNames(document: WorkflowDocument): Problem[] {
  const first = new Set<string>()
  const found: Problem[] = []
  document.nodes.forEach((node, index) => {
    const name = nameOf(node)
    if (first.has(name)) found.push(problem('error', 'name_taken', joinPointer('nodes', index, 'name'), { name }))
    first.add(name)
  })
  return found
}

function lintNode(document: WorkflowDocument, node: WorkflowNode, index: number, types: NodeTypes): Problem[] {
  const type = types.get(node.type)
  const at = joinPointer('nodes', index)
  if (!type) return types.size ? [problem('error', 'unknown_type', `${at}/type`, { type: node.type })] : []
  const found = node.disabled ? [] : emptyRequired(node, type, at)
  if (!type.entry && type.inputs.length > 0 && incoming(graphOf(document), node.id).length === 0 && hasEntry(document, types)) {
    found.push(problem('warning', 'unreachable', at, { name: nameOf(node) }))
  }
  return [...found, ...badReferences(document, node, at)]
}

const hasEntry = (document: WorkflowDocument, types: NodeTypes): boolean => document.nodes.some((node) => types.get(node.type)?.entry)

function emptyRequired(node: WorkflowNode, type: NodeType, at: string): Problem[] {
  const required = (type.config['required'] ?? []) as readonly string[]
  return required
    .filter((key) => isEmpty(node.config?.[key]))
    .map((key) => problem('error', 'required', `${at}${joinPointer('config', key)}`, { field: key }))
}

const isEmpty = (value: Json | undefined): boolean => value === undefined || value === ''

function badReferences(document: WorkflowDocument, node: WorkflowNode, at: string): Problem[] {
  const found: Problem[] = []
  let before: Set<string> | undefined
  eachText(node.config, `${at}/config`, (text, place) => {
    for (const name of text.includes('$(') ? referencesIn(text) : []) {
      before ??= new Set(upstream(document, node.id).map(nameOf))
      if (before.has(name)) continue
      const exists = graphOf(document).byName.has(name)
      found.push(problem('error', exists ? 'not_upstream' : 'no_such_node', place, { name }))
    }
  })
  return found
}

export function eachText(value: Json | undefined, at: string, visit: (text: string, at: string) => void): void {
  if (typeof value === 'string') return visit(value, at)
  if (Array.isArray(value)) return value.forEach((item: Json, i) => eachText(item, `${at}/${i}`, visit))
  if (!isObject(value) || '$literal' in value) return
  for (const [key, item] of Object.entries(value)) eachText(item, at + joinPointer(key), visit)
}

function lintEdges(document: WorkflowDocument, types: NodeTypes): Problem[] {
  const graph = graphOf(document)
  const keys = new Set<string>()
  return document.edges.flatMap((edge, index) => {
    const at = joinPointer('edges', index)
    const source = graph.nodes.get(edge.source)
    const target = graph.nodes.get(edge.target)
    const doubled = keys.has(edgeKey(edge))
    keys.add(edgeKey(edge))
    if (!source) return [problem('error', 'no_source', `${at}/source`, { id: edge.source })]
    if (!target) return [problem('error', 'no_target', `${at}/target`, { id: edge.target })]
    if (doubled) return [problem('error', 'edge_twice', at)]
    const type = types.get(source.type)
    const ports = type && [...declaredOutputs(type, source.config), ERROR_PORT]
    if (ports && !ports.includes(sourcePort(edge))) {
      return [problem('error', 'no_port', `${at}/source_port`, { port: sourcePort(edge), name: nameOf(source) })]
    }
    const inputs = types.get(target.type)?.inputs
    if (inputs && !inputs.includes(targetPort(edge))) {
      return [problem('error', 'no_input', `${at}/target_port`, { port: targetPort(edge), name: nameOf(target) })]
    }
    return []
  })
}
