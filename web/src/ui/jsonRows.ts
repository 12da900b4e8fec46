import type { Json } from '@/api/types'

/** One line of the tree: a value, or the head of a list or an object. */
export interface JsonRow {
  path: string
  depth: number
  name: string | number | undefined
  kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'
  text: string
  /** Children of a list or an object. */
  size: number
}

const longest = 400

export function kindOf(value: Json): JsonRow['kind'] {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as JsonRow['kind']
}

function textOf(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value)
  return String(value)
}

/** A JSON pointer: the path of a value, also what error messages name. */
export function childPath(path: string, name: string | number): string {
  return `${path}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The lines to show, walking into what is open only: a list of a million costs nothing while it is closed. */
export function jsonRows(value: Json, open: ReadonlySet<string>): JsonRow[] {
  const rows: JsonRow[] = []
  const add = (one: Json, name: string | number | undefined, path: string, depth: number): void => {
    const kind = kindOf(one)
    if (kind !== 'object' && kind !== 'array') {
      rows.push({ path, depth, name, kind, text: textOf(one), size: 0 })
      return
    }
    const entries: [string | number, Json][] = Array.isArray(one)
      ? one.map((child, index) => [index, child])
      : Object.entries(one as object)
    rows.push({ path, depth, name, kind, text: '', size: entries.length })
    if (!open.has(path)) return
    for (const [key, child] of entries) add(child, key, childPath(path, key), depth + 1)
  }
  add(value, undefined, '', 0)
  return rows
}

/** What to open at first: the upper levels, as long as they do not fill several screens. */
export function openAtFirst(value: Json, most = 200): Set<string> {
  const open = new Set<string>()
  let lines = 1
  let level: [string, Json][] = [['', value]]
  while (level.length > 0) {
    const next: [string, Json][] = []
    for (const [path, one] of level) {
      if (one === null || typeof one !== 'object') continue
      const entries: [string | number, Json][] = Array.isArray(one) ? one.map((child, index) => [index, child]) : Object.entries(one)
      if (lines + entries.length > most && open.size > 0) continue
      lines += entries.length
      open.add(path)
      if (lines <= most) for (const [key, child] of entries) next.push([childPath(path, key), child])
    }
    level = next
  }
  return open
}
