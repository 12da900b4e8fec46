// Three-way merge for a save that met somebody else's (412): base is what both began with. Whatever only one side
// changed is taken from it; what both changed to different ends is a conflict with both values kept, never a loss.
import { keyed, listed, pruned } from './drawn'
import { joinPointer, setAt } from './pointer'
import {
  edgeKey,
  isObject,
  nameOf,
  same,
  withoutLists,
  type Json,
  type WorkflowDocument,
  type WorkflowEdge,
  type WorkflowNode,
} from './types'

export interface Conflict {
  /** Node id, edge key, or '' for the workflow itself. */
  readonly owner: string
  readonly kind: 'node' | 'edge' | 'workflow'
  readonly label: string
  /** Pointer inside the owner; '' when one side removed it whole. */
  readonly pointer: string
  readonly base: Json | undefined
  readonly mine: Json | undefined
  readonly theirs: Json | undefined
}

export interface Merge {
  /** With my side of every conflict. */
  readonly document: WorkflowDocument
  readonly conflicts: readonly Conflict[]
}

type Report = (pointer: string, base: Json | undefined, mine: Json | undefined, theirs: Json | undefined) => void

export function merge(base: WorkflowDocument, mine: WorkflowDocument, theirs: WorkflowDocument): Merge {
  const conflicts: Conflict[] = []
  const report =
    (kind: Conflict['kind'], owner: string, label: string): Report =>
    (pointer, b, m, t) =>
      conflicts.push({ owner, kind, label, pointer, base: b, mine: m, theirs: t })
  const nodes = mergeLists(
    base.nodes,
    mine.nodes,
    theirs.nodes,
    (node) => node.id,
    (node) => report('node', node.id, nameOf(node)),
  )
  const edges = mergeLists(base.edges, mine.edges, theirs.edges, edgeKey, (edge) => report('edge', edgeKey(edge), edgeKey(edge)))
  const own = (document: WorkflowDocument) => keyed(withoutLists(document))
  const rest = mergeValues(own(base), own(mine), own(theirs), '', report('workflow', '', ''))
  const restored = keepEnds(nodes, edges, [mine, theirs, base], (node, side) => {
    const gone = side === mine ? { m: node, t: undefined } : { m: undefined, t: node }
    report('node', node.id, nameOf(node))('', node, gone.m, gone.t)
  })
  const document = pruned(listed({ ...(rest as object), nodes: restored, edges } as unknown as WorkflowDocument))
  return { document, conflicts }
}

function mergeLists<T extends Json & object>(
  base: readonly T[],
  mine: readonly T[],
  theirs: readonly T[],
  key: (item: T) => string,
  reporter: (item: T) => Report,
): T[] {
  const [b, m, t] = [base, mine, theirs].map((list) => new Map(list.map((item) => [key(item), item]))) as [
    Map<string, T>,
    Map<string, T>,
    Map<string, T>,
  ]
  const kept: T[] = []
  for (const id of orderOf(base, mine, theirs, key)) {
    const known = m.get(id) ?? t.get(id) ?? b.get(id)!
    const item = mergeValues(b.get(id), m.get(id), t.get(id), '', reporter(known))
    if (item !== undefined) kept.push(item as T)
    else if (changedAgainst(b.get(id), m.get(id), t.get(id))) kept.push(known)
  }
  return kept
}

/** My order where I changed the order, theirs otherwise; what the other side added follows. */
function orderOf<T>(base: readonly T[], mine: readonly T[], theirs: readonly T[], key: (item: T) => string): string[] {
  const common = new Set(base.map(key))
  const mineIds = mine.map(key)
  const shared = mineIds.filter((id) => common.has(id))
  const baseIds = base.map(key).filter((id) => shared.includes(id))
  const first = same(shared, baseIds) ? theirs.map(key) : mineIds
  return [...new Set([...first, ...mineIds, ...theirs.map(key)])]
}

/** One side removed it, the other changed it: the changed one stays, the removal is the conflict's other value. */
function changedAgainst(base: Json | undefined, mine: Json | undefined, theirs: Json | undefined): boolean {
  if (base === undefined) return false
  return (
    (mine === undefined && theirs !== undefined && !same(base, theirs)) || (theirs === undefined && mine !== undefined && !same(base, mine))
  )
}

function mergeValues(
  base: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
  at: string,
  report: Report,
): Json | undefined {
  if (same(mine, theirs) || same(base, theirs)) return mine
  if (same(base, mine)) return theirs
  if (!isObject(mine) || !isObject(theirs)) {
    report(at, base, mine, theirs)
    return mine
  }
  const before = isObject(base) ? base : {}
  const merged: Record<string, Json> = {}
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs), ...Object.keys(before)])) {
    const value = mergeValues(own(before, key), own(mine, key), own(theirs, key), at + joinPointer(key), report)
    if (value !== undefined) Object.defineProperty(merged, key, { value, enumerable: true, writable: true, configurable: true })
  }
  return merged
}

const own = (object: Json & object, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? (object as Record<string, Json>)[key] : undefined

/** An edge that one side drew to a node the other removed brings the node back, and says so. */
function keepEnds(
  nodes: readonly WorkflowNode[],
  edges: readonly WorkflowEdge[],
  sides: readonly WorkflowDocument[],
  restored: (node: WorkflowNode, side: WorkflowDocument) => void,
): WorkflowNode[] {
  const ids = new Set(nodes.map((node) => node.id))
  const back: WorkflowNode[] = []
  for (const id of edges.flatMap((edge) => [edge.source, edge.target])) {
    if (ids.has(id)) continue
    const side = sides.find((document) => document.nodes.some((node) => node.id === id))
    const node = side?.nodes.find((other) => other.id === id)
    if (!side || !node) continue
    ids.add(id)
    back.push(node)
    restored(node, side)
  }
  return [...nodes, ...back]
}

/** The merged document with one side's value of a conflict. */
export function resolve(document: WorkflowDocument, conflict: Conflict, side: 'mine' | 'theirs'): WorkflowDocument {
  const value = conflict[side]
  if (conflict.kind === 'workflow') return pruned(listed(setAt(keyed(document), conflict.pointer, value) as WorkflowDocument))
  if (conflict.kind === 'edge') return { ...document, edges: replace(document.edges, edgeKey, conflict, value) }
  const nodes = replace(document.nodes, (node) => node.id, conflict, value)
  const ids = new Set(nodes.map((node) => node.id))
  // The removal of a node takes the edges to it along.
  return pruned({ ...document, nodes, edges: document.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)) })
}

function replace<T extends Json & object>(list: readonly T[], key: (item: T) => string, conflict: Conflict, value: Json | undefined): T[] {
  const at = list.findIndex((item) => key(item) === conflict.owner)
  if (at < 0) return conflict.pointer === '' && value !== undefined ? [...list, value as T] : [...list]
  const next = setAt(list[at], conflict.pointer, value)
  return list.flatMap((item, i) => (i !== at ? [item] : next === undefined ? [] : [next as T]))
}
