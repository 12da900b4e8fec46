// Data as rows of a tree, made only for what is unfolded: a value of a million fields costs what is seen of it.
import { isObject, type Json } from '../../document/types'
import { step, typeName } from '../expression/completion'

export interface DataRow {
  readonly id: string
  readonly key: string
  readonly depth: number
  readonly type: string
  readonly value: Json | undefined
  /** The way to it from the item: `.address.city`. */
  readonly path: string
  readonly open: boolean | undefined
  readonly count: number
}

const MOST = 200

export function dataRows(value: Json | undefined, opened: ReadonlySet<string>, closed: ReadonlySet<string>): DataRow[] {
  const rows: DataRow[] = []
  visit(value, '', 0)
  return rows

  function visit(current: Json | undefined, path: string, depth: number): void {
    for (const [key, child, way] of children(current, path)) {
      const branch = isObject(child) || Array.isArray(child)
      const count = branch ? size(child) : 0
      const open = branch && count > 0 ? (depth < 1 ? !closed.has(way) : opened.has(way)) : undefined
      rows.push({ id: way, key, depth, type: typeName(child), value: child, path: way, open, count })
      if (open) visit(child, way, depth + 1)
    }
  }
}

function children(value: Json | undefined, path: string): [string, Json | undefined, string][] {
  if (Array.isArray(value)) return (value as readonly Json[]).slice(0, MOST).map((child, i) => [String(i), child, path + step(i)])
  if (!isObject(value)) return []
  return Object.entries(value)
    .slice(0, MOST)
    .map(([key, child]) => [key, child, path + step(key)])
}

const size = (value: Json): number => (Array.isArray(value) ? value.length : Object.keys(value as object).length)

export function short(value: Json | undefined): string {
  if (typeof value === 'string') return value.length > 120 ? `${value.slice(0, 120)}…` : value
  return value === undefined ? '' : String(value)
}
