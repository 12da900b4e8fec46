import type { Json } from '@/api/types'

export interface SchemaRow {
  /** Dotted, with [] for the elements of lists. */
  path: string
  depth: number
  name: string
  types: string[]
  /** In how many of the items it is there. */
  count: number
  sample: string
}

interface Node {
  types: Set<string>
  count: number
  sample?: Json
  children: Map<string, Node>
}

const fresh = (): Node => ({ types: new Set(), count: 0, children: new Map() })

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

function look(node: Node, value: Json): void {
  node.types.add(typeOf(value))
  node.count++
  if (node.sample === undefined && (typeof value !== 'object' || value === null)) node.sample = value
  const entries: [string, Json][] = Array.isArray(value)
    ? value.slice(0, 100).map((child) => ['[]', child])
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : []
  for (const [name, child] of entries) {
    const next = node.children.get(name) ?? fresh()
    node.children.set(name, next)
    look(next, child)
  }
}

/** What the items have in common: their fields with types, how often they are there, and one value of each. */
export function inferSchema(items: readonly Json[], most = 1000): SchemaRow[] {
  const root = fresh()
  for (const item of items.slice(0, most)) look(root, item)
  const rows: SchemaRow[] = []
  const walk = (node: Node, path: string, depth: number): void => {
    for (const [name, child] of node.children) {
      const here = name === '[]' ? `${path}[]` : path ? `${path}.${name}` : name
      const sample = child.sample === undefined ? '' : String(JSON.stringify(child.sample)).slice(0, 80)
      rows.push({ path: here, depth, name, types: [...child.types].sort(), count: child.count, sample })
      walk(child, here, depth + 1)
    }
  }
  walk(root, '', 0)
  return rows
}

/** The columns of a table of items: their own fields, those of the first items first. */
export function columnsOf(items: readonly Json[], most = 30): string[] {
  const names = new Set<string>()
  for (const item of items.slice(0, 200)) {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) for (const name of Object.keys(item)) names.add(name)
  }
  return [...names].slice(0, most)
}

export function cellText(item: Json, column: string): string {
  const value = typeof item === 'object' && item !== null && !Array.isArray(item) ? item[column] : undefined
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
