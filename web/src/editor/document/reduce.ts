// apply(document, command): a new snapshot that shares with the old one whatever the command does not touch.
// A command that changes nothing returns the very same document.
import type { Command, Fragment } from './commands'
import { addGroup, addNotes, pruned, removeNotes, setGroup, setNote, ungroup } from './drawn'
import { getAt, setAt, without } from './pointer'
import { renameReferences } from './references'
import {
  MAIN,
  edgeKey,
  nameOf,
  positionOf,
  same,
  sourcePort,
  targetPort,
  type Json,
  type Position,
  type WorkflowDocument,
  type WorkflowEdge,
  type WorkflowNode,
} from './types'

export function apply(document: WorkflowDocument, command: Command): WorkflowDocument {
  switch (command.type) {
    case 'add':
      return addFragment(document, { nodes: [command.node], edges: command.edges ?? [] })
    case 'paste':
      return addFragment(document, command.fragment)
    case 'remove':
      return remove(document, new Set(command.ids), command.bridge ?? false)
    case 'connect':
      return connect(document, command.edge)
    case 'disconnect':
      return disconnect(document, new Set(command.keys))
    case 'move':
    case 'tidy':
    case 'arrange':
      return move(document, command.to)
    case 'rename':
      return rename(document, command.id, command.name)
    case 'move_edge':
      return moveEdge(document, command.key, command.by)
    case 'insert':
      return insert(document, command)
    case 'replace':
      return same(document, command.document) ? document : command.document
    case 'add_note':
    case 'set_note':
    case 'remove_note':
    case 'group':
    case 'set_group':
    case 'ungroup':
      return applyDrawn(document, command)
    default:
      return applyField(document, command)
  }
}

type DrawnCommand = Extract<Command, { type: 'add_note' | 'set_note' | 'remove_note' | 'group' | 'set_group' | 'ungroup' }>

function applyDrawn(document: WorkflowDocument, command: DrawnCommand): WorkflowDocument {
  switch (command.type) {
    case 'add_note':
      return addNotes(document, [command.note])
    case 'set_note':
      return setNote(document, command.id, command.change)
    case 'remove_note':
      return removeNotes(document, new Set(command.ids))
    case 'group':
      return addGroup(document, command.group)
    case 'set_group':
      return setGroup(document, command.id, command.change)
    case 'ungroup':
      return ungroup(document, new Set(command.ids))
  }
}

type FieldCommand = Extract<
  Command,
  { type: 'set_config' | 'set_field' | 'set_edge' | 'parent' | 'disable' | 'pin' | 'note' | 'set_workflow' }
>

function applyField(document: WorkflowDocument, command: FieldCommand): WorkflowDocument {
  switch (command.type) {
    case 'set_config':
      return changeNode(document, command.id, (node) => setField(node, 'config', configWith(node, command.pointer, command.value)))
    case 'set_field':
      return changeNode(document, command.id, (node) => setField(node, command.field, command.value))
    case 'set_edge':
      return changeEdge(document, command.key, (edge) => setField(edge, command.field, command.value || undefined))
    case 'parent':
      return changeNodes(document, new Set(command.ids), (node) =>
        node.id === command.parent ? node : setField(node, 'parent', command.parent),
      )
    case 'disable':
      return changeNodes(document, new Set(command.ids), (node) => setField(node, 'disabled', command.disabled || undefined))
    case 'pin':
      return changeNode(document, command.id, (node) => setField(node, 'pinned', command.items as Json | undefined))
    case 'note':
      return changeNode(document, command.id, (node) => setField(node, 'notes', command.text || undefined))
    case 'set_workflow':
      return setWorkflow(document, command.pointer, command.value)
  }
}

function addFragment(document: WorkflowDocument, fragment: Fragment): WorkflowDocument {
  const ids = new Set(document.nodes.map((node) => node.id))
  const nodes = fragment.nodes.filter((node) => !ids.has(node.id))
  const grown = nodes.length ? { ...document, nodes: [...document.nodes, ...nodes] } : document
  const joined = fragment.edges.reduce(connect, grown)
  return (fragment.groups ?? []).reduce(addGroup, addNotes(joined, fragment.notes ?? []))
}

function remove(document: WorkflowDocument, ids: ReadonlySet<string>, bridge: boolean): WorkflowDocument {
  const nodes = document.nodes.filter((node) => !ids.has(node.id))
  if (nodes.length === document.nodes.length) return document
  const bridged = bridge ? bridges(document, ids) : []
  const edges = document.edges.filter((edge) => !ids.has(edge.source) && !ids.has(edge.target))
  // What stood in a removed loop's body stands in the workflow itself.
  const orphaned = nodes.map((node) => (node.parent && ids.has(node.parent) ? without(node, 'parent') : node))
  return pruned(bridged.reduce(connect, { ...document, nodes: orphaned, edges }))
}

/** Taking one step out of a line joins its ends again; of a fork or a join nobody knows which ends belong together. */
function bridges(document: WorkflowDocument, ids: ReadonlySet<string>): WorkflowEdge[] {
  if (ids.size !== 1) return []
  const [id] = ids
  const before = document.edges.filter((edge) => edge.target === id)
  const after = document.edges.filter((edge) => edge.source === id)
  const [first] = before
  const [last] = after
  if (before.length !== 1 || after.length !== 1 || !first || !last || first.source === last.target) return []
  return [{ ...first, target: last.target, ...(last.target_port ? { target_port: last.target_port } : {}) }]
}

function connect(document: WorkflowDocument, edge: WorkflowEdge): WorkflowDocument {
  const key = edgeKey(edge)
  const ids = new Set(document.nodes.map((node) => node.id))
  if (!ids.has(edge.source) || !ids.has(edge.target) || edge.source === edge.target) return document
  if (document.edges.some((other) => edgeKey(other) === key)) return document
  return { ...document, edges: [...document.edges, plain(edge)] }
}

/** `main` is what the format means when no port is named: it is left out, as the server writes it. */
function plain(edge: WorkflowEdge): WorkflowEdge {
  let next = edge
  if (sourcePort(edge) === MAIN) next = without(next, 'source_port')
  if (targetPort(edge) === MAIN) next = without(next, 'target_port')
  return next
}

function disconnect(document: WorkflowDocument, keys: ReadonlySet<string>): WorkflowDocument {
  const edges = document.edges.filter((edge) => !keys.has(edgeKey(edge)))
  return edges.length === document.edges.length ? document : { ...document, edges }
}

function move(document: WorkflowDocument, to: Readonly<Record<string, Position>>): WorkflowDocument {
  return changeNodes(document, new Set(Object.keys(to)), (node) => {
    const target = to[node.id]!
    const at = positionOf(node)
    if (node.position && at.x === target.x && at.y === target.y) return node
    return { ...node, position: { ...node.position, x: target.x, y: target.y } }
  })
}

function rename(document: WorkflowDocument, id: string, name: string): WorkflowDocument {
  const node = document.nodes.find((other) => other.id === id)
  if (!node || name === '' || nameOf(node) === name) return document
  const renamed = changeNode(document, id, (old) => ({ ...old, name }))
  // A name that two nodes have is a fault; references cannot follow, since they may mean the other node.
  const shared = document.nodes.some((other) => other.id !== id && nameOf(other) === nameOf(node))
  return shared ? renamed : renameReferences(renamed, new Map([[nameOf(node), name]]))
}

function configWith(node: WorkflowNode, pointer: string, value: Json | undefined): Json | undefined {
  if (same(getAt(node.config, pointer), value)) return node.config
  return setAt(node.config ?? {}, pointer, value) ?? {}
}

function setField<T extends object>(object: T, field: string, value: Json | undefined): T {
  if ((object as Record<string, unknown>)[field] === value) return object
  if (value === undefined) return field in object ? without(object, field) : object
  return { ...object, [field]: value }
}

function insert(document: WorkflowDocument, command: Extract<Command, { type: 'insert' }>): WorkflowDocument {
  const edge = document.edges.find((other) => edgeKey(other) === command.key)
  if (!edge || document.nodes.some((node) => node.id === command.node.id)) return document
  const first = plain({ ...edge, target: command.node.id, target_port: command.ports.in })
  const second = plain({
    source: command.node.id,
    source_port: command.ports.out,
    target: edge.target,
    target_port: targetPort(edge),
  })
  // In the place of the old edge: the order of edges is the order in which items are appended.
  const edges = document.edges.flatMap((other) => (other === edge ? [first, second] : [other]))
  return { ...document, nodes: [...document.nodes, command.node], edges }
}

function moveEdge(document: WorkflowDocument, key: string, by: number): WorkflowDocument {
  const from = document.edges.findIndex((edge) => edgeKey(edge) === key)
  const edge = document.edges[from]
  if (!edge) return document
  const to = Math.max(0, Math.min(document.edges.length - 1, from + by))
  if (to === from) return document
  const edges = document.edges.filter((other) => other !== edge)
  edges.splice(to, 0, edge)
  return { ...document, edges }
}

function setWorkflow(document: WorkflowDocument, pointer: string, value: Json | undefined): WorkflowDocument {
  if (same(getAt(document, pointer), value)) return document
  return setAt(document, pointer, value) as WorkflowDocument
}

function changeNode(document: WorkflowDocument, id: string, change: (node: WorkflowNode) => WorkflowNode): WorkflowDocument {
  return changeNodes(document, new Set([id]), change)
}

function changeNodes(document: WorkflowDocument, ids: ReadonlySet<string>, change: (node: WorkflowNode) => WorkflowNode): WorkflowDocument {
  let changed = false
  const nodes = document.nodes.map((node) => {
    if (!ids.has(node.id)) return node
    const next = change(node)
    changed ||= next !== node
    return next
  })
  return changed ? { ...document, nodes } : document
}

function changeEdge(document: WorkflowDocument, key: string, change: (edge: WorkflowEdge) => WorkflowEdge): WorkflowDocument {
  let changed = false
  const edges = document.edges.map((edge) => {
    if (edgeKey(edge) !== key) return edge
    const next = change(edge)
    changed ||= next !== edge
    return next
  })
  return changed ? { ...document, edges } : document
}
