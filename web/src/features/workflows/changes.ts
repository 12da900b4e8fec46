// What two versions differ in, as lines to read.
import type { Json } from '@/api/types'
import type { Difference, Document, VersionDifference } from '@/api/workflows'

export interface ChangedField {
  at: string
  before: string
  after: string
}
export interface Change {
  kind: 'added' | 'removed' | 'changed'
  what: 'node' | 'edge' | 'rest'
  /** The name of the node, or the ends of the edge. */
  name: string
  fields: ChangedField[]
}

export const written = (value: Json | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2)

const field = ({ at, before, after }: Difference): ChangedField => ({ at, before: written(before), after: written(after) })
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const nodeName = (node: Document): string => text(node.name) || text(node.id)

/** Nodes by name, as people know them; the new name, when it is a new one. */
function edgeNames(nodes: VersionDifference['nodes'], known: ReadonlyMap<string, string>) {
  const names = new Map(known)
  for (const node of [...nodes.removed, ...nodes.added, ...nodes.changed.map(({ after }) => after)])
    names.set(text(node.id), nodeName(node))
  return (edge: Document): string => {
    const port = text(edge.source_port)
    const from = names.get(text(edge.source)) ?? text(edge.source)
    return `${from}${port && port !== 'main' ? ` (${port})` : ''} → ${names.get(text(edge.target)) ?? text(edge.target)}`
  }
}

/** `known`: the names of the nodes that both versions have. */
export function changesOf(difference: VersionDifference, known: ReadonlyMap<string, string>): Change[] {
  const { nodes, edges, rest } = difference
  const edgeName = edgeNames(nodes, known)
  const part = (parts: VersionDifference['nodes'], what: 'node' | 'edge', name: (one: Document) => string): Change[] => [
    ...parts.added.map((one) => ({ kind: 'added' as const, what, name: name(one), fields: [] })),
    ...parts.removed.map((one) => ({ kind: 'removed' as const, what, name: name(one), fields: [] })),
    ...parts.changed.map((one) => ({ kind: 'changed' as const, what, name: name(one.after), fields: one.differences.map(field) })),
  ]
  return [
    ...part(nodes, 'node', nodeName),
    ...part(edges, 'edge', edgeName),
    ...(rest.length ? [{ kind: 'changed' as const, what: 'rest' as const, name: '', fields: rest.map(field) }] : []),
  ]
}
