// Copy and paste as JSON text: a fragment is a workflow document without a name, so it can be read by people, kept in
// a file, and pasted into another window or into the JSON view.
import type { Fragment } from './commands'
import { uniqueId, uniqueName } from './names'
import { renameInNode, renameInText } from './references'
import {
  isObject,
  nameOf,
  positionOf,
  type Json,
  type Position,
  type WorkflowDocument,
  type WorkflowEdge,
  type WorkflowNode,
} from './types'

const MARK = 'mbflow/nodes'

export function copyText(document: WorkflowDocument, ids: ReadonlySet<string>): string {
  return JSON.stringify({ $clipboard: MARK, ...fragmentOf(document, ids) }, null, 2)
}

export function fragmentOf(document: WorkflowDocument, ids: ReadonlySet<string>): Fragment {
  return {
    nodes: document.nodes.filter((node) => ids.has(node.id)),
    edges: document.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
  }
}

/** What a text on the clipboard holds; undefined if it is not nodes. A whole workflow, also wrapped, is welcome too. */
export function readFragment(text: string): Fragment | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (isObject(value) && isObject(value['workflow'])) value = value['workflow']
  if (Array.isArray(value)) value = { nodes: value, edges: [] }
  if (!isObject(value) || !Array.isArray(value['nodes'])) return undefined
  const nodes = (value['nodes'] as Json[]).filter(isNode)
  const edges = (Array.isArray(value['edges']) ? (value['edges'] as Json[]) : []).filter(isEdge)
  return nodes.length > 0 ? { nodes, edges } : undefined
}

const isNode = (value: Json): value is WorkflowNode =>
  isObject(value) && typeof value['id'] === 'string' && typeof value['type'] === 'string'
const isEdge = (value: Json): value is WorkflowEdge =>
  isObject(value) && typeof value['source'] === 'string' && typeof value['target'] === 'string'

/** The fragment with ids and names that the document does not have yet; edges and references inside it follow. */
export function fitted(document: WorkflowDocument, fragment: Fragment, shift: Position): Fragment {
  const ids = new Set(document.nodes.map((node) => node.id))
  const names = new Set(document.nodes.map(nameOf))
  const newIds = new Map<string, string>()
  const newNames = new Map<string, string>()
  const placed = fragment.nodes.map((node) => {
    const id = uniqueId(node.id, ids)
    const name = uniqueName(nameOf(node), names)
    ids.add(id)
    names.add(name)
    newIds.set(node.id, id)
    if (name !== nameOf(node)) newNames.set(nameOf(node), name)
    return { node, id, name }
  })
  const nodes = placed.map(({ node, id, name }) => placeNode(renameInNode(node, newNames), id, name, newIds, shift, document))
  const edges = fragment.edges.flatMap((edge) => {
    const source = newIds.get(edge.source)
    const target = newIds.get(edge.target)
    if (!source || !target) return []
    const condition = edge.condition && renameInText(edge.condition, newNames)
    return [{ ...edge, source, target, ...(condition ? { condition } : {}) }]
  })
  return { nodes, edges }
}

function placeNode(
  node: WorkflowNode,
  id: string,
  name: string,
  newIds: ReadonlyMap<string, string>,
  shift: Position,
  document: WorkflowDocument,
): WorkflowNode {
  const at = positionOf(node)
  const { parent, ...rest } = node
  const home = parent && (newIds.get(parent) ?? (document.nodes.some((other) => other.id === parent) ? parent : undefined))
  return {
    ...(rest as WorkflowNode),
    id,
    name,
    ...(home ? { parent: home } : {}),
    position: { ...node.position, x: at.x + shift.x, y: at.y + shift.y },
  }
}

/** How far to shift a fragment so that its top left corner lies at the point. */
export function shiftTo(fragment: Fragment, point: Position): Position {
  const xs = fragment.nodes.map((node) => positionOf(node).x)
  const ys = fragment.nodes.map((node) => positionOf(node).y)
  return { x: point.x - Math.min(...xs), y: point.y - Math.min(...ys) }
}
