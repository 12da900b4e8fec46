import { describe, expect, it } from 'vitest'
import type { Json } from '@/api/types'
import { cellText, columnsOf, inferSchema } from './schema'

describe('schema of items', () => {
  it('names fields, types and how often they are there', () => {
    const rows = inferSchema([{ id: 1, tags: ['a'], at: { city: 'Moscow' } }, { id: null }])
    expect(rows.map((row) => [row.path, row.types.join('|'), row.count])).toEqual([
      ['id', 'null|number', 2],
      ['tags', 'array', 1],
      ['tags[]', 'string', 1],
      ['at', 'object', 1],
      ['at.city', 'string', 1],
    ])
    expect(rows[0]!.sample).toBe('1')
  })

  it('makes columns and cells', () => {
    const items: Json[] = [{ a: 1 }, { b: { c: 2 }, a: 'x' }, 7]
    expect(columnsOf(items)).toEqual(['a', 'b'])
    expect(cellText(items[1]!, 'b')).toBe('{"c":2}')
    expect(cellText(7, 'a')).toBe('')
  })
})
