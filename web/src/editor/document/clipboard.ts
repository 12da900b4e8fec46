// Copy and paste as JSON text: a fragment is a workflow document without a name, so it can be read by people, kept in
// a file, and pasted into another window or into the JSON view.
import type { Fragment } from './commands'
import { groupsOf, moved, notesOf } from './drawn'
import { uniqueId, uniqueName } from './names'
import { renameInNode, renameInText } from './references'
import {
  isObject,
  nameOf,
  type CanvasGroup,
  type CanvasNote,
  positionOf,
  type Json,
  type Position,
  type WorkflowDocument,
  type WorkflowEdge,
  type WorkflowNode,
} from './types'

const MARK = 'mbflow/nodes'

export function copyText(document: WorkflowDocument, ids: ReadonlySet<string>): string {
  const { nodes, edges, notes = [], groups = [] } = fragmentOf(document, ids)
  const ui = { ...(notes.length ? { notes } : {}), ...(groups.length ? { groups } : {}) }
  return JSON.stringify({ $clipboard: MARK, nodes, edges, ...(Object.keys(ui).length ? { ui } : {}) }, null, 2)
}

/** `ids` are of nodes and of notes; a group comes along when all of its nodes do. */
export function fragmentOf(document: WorkflowDocument, ids: ReadonlySet<string>): Fragment {
  return {
    nodes: document.nodes.filter((node) => ids.has(node.id)),
    edges: document.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
    notes: notesOf(document).filter((note) => ids.has(note.id)),
    groups: groupsOf(document).filter((group) => group.nodes.every((id) => ids.has(id))),
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
  const drawn = isObject(value['ui']) ? value['ui'] : {}
  const list = (field: string) => (Array.isArray(drawn[field]) ? (drawn[field] as Json[]) : [])
  const notes = list('notes').filter(isNote)
  return nodes.length + notes.length > 0 ? { nodes, edges, notes, groups: list('groups').filter(isGroup) } : undefined
}

const isNote = (value: Json): value is CanvasNote => isObject(value) && typeof value['id'] === 'string'
const isGroup = (value: Json): value is CanvasGroup => isNote(value) && Array.isArray(value['nodes'])

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
  return { nodes, edges, ...fittedDrawn(document, fragment, newIds, shift) }
}

function fittedDrawn(document: WorkflowDocument, fragment: Fragment, newIds: ReadonlyMap<string, string>, shift: Position) {
  const taken = new Set([...notesOf(document), ...groupsOf(document)].map(({ id }) => id))
  const fresh = (id: string) => {
    const free = uniqueId(id, taken)
    taken.add(free)
    return free
  }
  return {
    notes: (fragment.notes ?? []).map((note) => ({ ...moved(note, shift), id: fresh(note.id) })),
    groups: (fragment.groups ?? []).map((group) => ({
      ...group,
      id: fresh(group.id),
      nodes: group.nodes.flatMap((id) => newIds.get(id) ?? []),
    })),
  }
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
  const places = [...fragment.nodes.map(positionOf), ...(fragment.notes ?? []).map(({ x = 0, y = 0 }) => ({ x, y }))]
  const xs = places.map(({ x }) => x)
  const ys = places.map(({ y }) => y)
  return { x: point.x - Math.min(...xs), y: point.y - Math.min(...ys) }
}
