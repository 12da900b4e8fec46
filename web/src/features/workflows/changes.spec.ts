import { describe, expect, it } from 'vitest'
import type { VersionDifference } from '@/api/workflows'
import { changesOf, written } from './changes'

const none = { added: [], removed: [], changed: [] }
const difference = (parts: Partial<VersionDifference>): VersionDifference => ({
  from: 1,
  to: 2,
  nodes: none,
  edges: none,
  rest: [],
  ...parts,
})

describe('what two versions differ in', () => {
  it('names nodes and lists their fields', () => {
    const before = { id: 'a', name: 'Fetch', config: { url: 'x' } }
    const after = { id: 'a', name: 'Fetch', config: { url: 'y' } }
    const changed = [{ id: 'a', before, after, differences: [{ at: '/config/url', change: 'changed' as const, before: 'x', after: 'y' }] }]
    expect(changesOf(difference({ nodes: { ...none, changed, added: [{ id: 'b' }] } }), new Map())).toEqual([
      { kind: 'added', what: 'node', name: 'b', fields: [] },
      { kind: 'changed', what: 'node', name: 'Fetch', fields: [{ at: '/config/url', before: 'x', after: 'y' }] },
    ])
  })

  it('names edges by what they join, also when one end is gone', () => {
    const nodes = { ...none, removed: [{ id: 'c', name: 'Old' }] }
    const edges = { ...none, removed: [{ source: 'a', source_port: 'true', target: 'c' }] }
    const names = changesOf(difference({ nodes, edges }), new Map([['a', 'Check']])).map(({ name }) => name)
    expect(names).toEqual(['Old', 'Check (true) → Old'])
  })

  it('has nothing to say of equal versions', () => expect(changesOf(difference({}), new Map())).toEqual([]))

  it('writes texts as they are, the rest as JSON, and nothing where there was nothing', () => {
    expect([written('a'), written(5), written(undefined), written(null)]).toEqual(['a', '5', '', 'null'])
  })
})
