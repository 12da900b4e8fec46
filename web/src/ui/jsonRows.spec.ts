import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '@/api/types'
import { childPath, jsonRows, openAtFirst } from './jsonRows'

describe('lines of a JSON tree', () => {
  it('shows what is open only', () => {
    const value = { a: [1, 2], b: { c: null } }
    expect(jsonRows(value, new Set()).length).toBe(1)
    expect(jsonRows(value, new Set([''])).map((row) => [row.depth, row.name, row.kind, row.size])).toEqual([
      [0, undefined, 'object', 2],
      [1, 'a', 'array', 2],
      [1, 'b', 'object', 1],
    ])
  })

  it('gives every line a path of its own, whatever the names are', () => {
    expect(childPath('', 'a/b~c')).toBe('/a~1b~0c')
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const json = value as Json
        const rows = jsonRows(json, openAtFirst(json))
        expect(new Set(rows.map((row) => row.path)).size).toBe(rows.length)
      }),
    )
  })

  it('opens a list of a million at its head only', () => {
    const rows = jsonRows([Array(1_000_000).fill(0)], openAtFirst([Array(1_000_000).fill(0)]))
    expect(rows.length).toBeLessThan(300)
  })
})
