// What differs between two versions: nodes and edges come, go or change, and within a node field by field.
import { keyed } from './drawn'
import { joinPointer } from './pointer'
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

export interface FieldChange {
  readonly pointer: string
  readonly before: Json | undefined
  readonly after: Json | undefined
}

export interface NodeChange {
  readonly id: string
  readonly name: string
  readonly fields: readonly FieldChange[]
  /** Only its place on the canvas is another one. */
  readonly onlyMoved: boolean
}

export interface DocumentDiff {
  readonly added: readonly WorkflowNode[]
  readonly removed: readonly WorkflowNode[]
  readonly changed: readonly NodeChange[]
  readonly edgesAdded: readonly WorkflowEdge[]
  readonly edgesRemoved: readonly WorkflowEdge[]
  readonly edgesChanged: readonly { readonly key: string; readonly fields: readonly FieldChange[] }[]
  readonly workflow: readonly FieldChange[]
}

export function diffDocuments(before: WorkflowDocument, after: WorkflowDocument): DocumentDiff {
  const nodes = compare(before.nodes, after.nodes, (node) => node.id)
  const edges = compare(before.edges, after.edges, edgeKey)
  const changed = nodes.both.flatMap(([a, b]) => {
    const fields = diffFields(a, b)
    return fields.length ? [{ id: b.id, name: nameOf(b), fields, onlyMoved: fields.every(isMove) }] : []
  })
  const edgesChanged = edges.both.flatMap(([a, b]) => {
    const fields = diffFields(a, b)
    return fields.length ? [{ key: edgeKey(b), fields }] : []
  })
  return {
    added: nodes.added,
    removed: nodes.removed,
    changed,
    edgesAdded: edges.added,
    edgesRemoved: edges.removed,
    edgesChanged,
    workflow: diffFields(keyed(withoutLists(before)), keyed(withoutLists(after))),
  }
}

export function isEmptyDiff(diff: DocumentDiff): boolean {
  return Object.values(diff).every((list: readonly unknown[]) => list.length === 0)
}

const isMove = (change: FieldChange): boolean => change.pointer.startsWith('/position')

function compare<T>(before: readonly T[], after: readonly T[], key: (item: T) => string) {
  const old = new Map(before.map((item) => [key(item), item]))
  const now = new Map(after.map((item) => [key(item), item]))
  return {
    added: [...now.values()].filter((item) => !old.has(key(item))),
    removed: [...old.values()].filter((item) => !now.has(key(item))),
    both: [...now].flatMap(([id, item]) => {
      const other = old.get(id)
      return other === undefined || other === item ? [] : [[other, item] as const]
    }),
  }
}

/** Objects are compared member by member; lists as a whole, since a position in a list is not an identity. */
export function diffFields(before: Json | undefined, after: Json | undefined, at = ''): FieldChange[] {
  if (same(before, after)) return []
  if (!isObject(before) || !isObject(after)) return [{ pointer: at, before, after }]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => diffFields(before[key], after[key], at + joinPointer(key)))
}
