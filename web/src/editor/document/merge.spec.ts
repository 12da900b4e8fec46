import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Command } from './commands'
import { diffDocuments, isEmptyDiff } from './diff'
import { groupsOf, keyed, notesOf } from './drawn'
import { merge, resolve } from './merge'
import { apply } from './reduce'
import { anyCommand, anyDocument, doc, edge, node } from './testing'
import { edgeKey, isObject, same, type Json, type JsonObject, type WorkflowDocument } from './types'

const edit = (document: WorkflowDocument, commands: readonly Command[]) => commands.reduce(apply, document)

/** Every leaf of a document under an address that does not depend on the order of nodes and edges. */
function leaves(document: WorkflowDocument): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (value: Json | undefined, at: string) => {
    if (isObject(value) && Object.keys(value).length) for (const [k, v] of Object.entries(value)) visit(v, `${at}/${k}`)
    else if (value !== undefined) found.set(at, JSON.stringify(value))
  }
  const { nodes, edges, ...rest } = document
  visit(keyed(rest as JsonObject), 'workflow')
  for (const n of nodes) visit(n, `node ${n.id}`)
  for (const e of edges) visit(e, `edge ${edgeKey(e)}`)
  return found
}

describe('merge', () => {
  it('gives the other side when one side changed nothing', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyCommand, { maxLength: 8 }), (base, commands) => {
        const changed = edit(base, commands)
        for (const result of [merge(base, changed, base), merge(base, base, changed)]) {
          expect(result.conflicts).toEqual([])
          expect(leaves(result.document)).toEqual(leaves(changed))
        }
      }),
    )
  })

  it('never loses an edit: what a side set is in the result or in a conflict', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyCommand, { maxLength: 6 }), fc.array(anyCommand, { maxLength: 6 }), (base, one, two) => {
        const mine = edit(base, one)
        const theirs = edit(base, two)
        const { document, conflicts } = merge(base, mine, theirs)
        const have = leaves(document)
        const told = (address: string) =>
          conflicts.some((c) => address.startsWith(`${c.kind}${c.kind === 'workflow' ? '' : ` ${c.owner}`}${c.pointer}`))
        for (const side of [mine, theirs]) {
          for (const [address, value] of leaves(side)) {
            if (address.startsWith('workflow/ui/groups')) continue
            const was = leaves(base).get(address)
            // An empty object that the other side filled is no loss.
            if (value !== '{}' && was !== value && have.get(address) !== value) expect(told(address), address).toBe(true)
          }
        }
      }),
      { numRuns: 400 },
    )
  })

  it('keeps the notes of both, and no group names a node that is gone or grouped twice', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyCommand, { maxLength: 6 }), fc.array(anyCommand, { maxLength: 6 }), (base, one, two) => {
        const { document } = merge(base, edit(base, one), edit(base, two))
        const ids = new Set(document.nodes.map((n) => n.id))
        const grouped = groupsOf(document).flatMap((group) => group.nodes)
        expect(grouped.every((id) => ids.has(id))).toBe(true)
        expect(new Set(grouped).size).toBe(grouped.length)
      }),
    )
    const base = doc([node('a'), node('b')])
    const mine = edit(base, [
      { type: 'add_note', note: { id: 'm', text: 'mine' } },
      { type: 'group', group: { id: 'g', nodes: ['a', 'b'] } },
    ])
    const theirs = edit(base, [
      { type: 'add_note', note: { id: 't', text: 'theirs' } },
      { type: 'remove', ids: ['b'] },
    ])
    const { document, conflicts } = merge(base, mine, theirs)
    expect(conflicts).toEqual([])
    expect(notesOf(document).map((note) => note.text)).toEqual(['mine', 'theirs'])
    expect(groupsOf(document)).toEqual([{ id: 'g', nodes: ['a'] }])
    const [conflict] = merge(
      mine,
      edit(mine, [{ type: 'set_note', id: 'm', change: { text: 'x' } }]),
      edit(mine, [{ type: 'set_note', id: 'm', change: { text: 'y' } }]),
    ).conflicts
    expect(conflict).toMatchObject({ kind: 'workflow', pointer: '/ui/notes/m/text', mine: 'x', theirs: 'y' })
    expect(notesOf(resolve(mine, conflict!, 'theirs'))[0]!.text).toBe('y')
  })

  it('leaves no edge without its ends, whichever side is taken', () => {
    fc.assert(
      fc.property(
        anyDocument,
        fc.array(anyCommand, { maxLength: 6 }),
        fc.array(anyCommand, { maxLength: 6 }),
        fc.boolean(),
        (base, one, two, side) => {
          const { document, conflicts } = merge(base, edit(base, one), edit(base, two))
          const done = conflicts.reduce((d, c) => resolve(d, c, side ? 'mine' : 'theirs'), document)
          for (const result of [document, done]) {
            const ids = new Set(result.nodes.map((n) => n.id))
            expect(result.edges.every((e) => !ids.size || (ids.has(e.source) && ids.has(e.target)) || side)).toBe(true)
          }
        },
      ),
    )
  })

  it('reports a field that both changed, with both values', () => {
    const base = doc([node('a', { config: { url: 'x', keep: 1 } })])
    const mine = edit(base, [{ type: 'set_config', id: 'a', pointer: '/url', value: 'mine' }])
    const theirs = edit(base, [
      { type: 'set_config', id: 'a', pointer: '/url', value: 'theirs' },
      { type: 'set_config', id: 'a', pointer: '/keep', value: 2 },
    ])
    const { document, conflicts } = merge(base, mine, theirs)
    expect(document.nodes[0]!.config).toEqual({ url: 'mine', keep: 2 })
    expect(conflicts).toMatchObject([{ owner: 'a', pointer: '/config/url', base: 'x', mine: 'mine', theirs: 'theirs' }])
    expect(resolve(document, conflicts[0]!, 'theirs').nodes[0]!.config).toEqual({ url: 'theirs', keep: 2 })
  })

  it('keeps a node that one side changed and the other removed', () => {
    const base = doc([node('a'), node('b')], [edge('a', 'b')])
    const mine = edit(base, [{ type: 'remove', ids: ['b'] }])
    const theirs = edit(base, [{ type: 'rename', id: 'b', name: 'New' }])
    const { document, conflicts } = merge(base, mine, theirs)
    expect(document.nodes.map((n) => n.name)).toEqual(['A', 'New'])
    expect(resolve(document, conflicts[0]!, 'mine').nodes.map((n) => n.id)).toEqual(['a'])
  })

  it('brings back a node that the other side removed while an edge was drawn to it', () => {
    const base = doc([node('a'), node('b')])
    const { document, conflicts } = merge(
      base,
      edit(base, [{ type: 'connect', edge: edge('a', 'b') }]),
      edit(base, [{ type: 'remove', ids: ['b'] }]),
    )
    expect(document.nodes.length).toBe(2)
    expect(conflicts).toMatchObject([{ owner: 'b', theirs: undefined }])
    expect(resolve(document, conflicts[0]!, 'theirs').edges).toEqual([])
  })
})

describe('diff', () => {
  it('is empty exactly for equal documents', () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, (a, b) => {
        expect(isEmptyDiff(diffDocuments(a, a))).toBe(true)
        const ordered = (d: WorkflowDocument) => ({
          ...d,
          nodes: [...d.nodes].sort((x, y) => x.id.localeCompare(y.id)),
          edges: [...d.edges].sort((x, y) => edgeKey(x).localeCompare(edgeKey(y))),
        })
        expect(isEmptyDiff(diffDocuments(a, b))).toBe(same(ordered(a), ordered(b)))
      }),
    )
  })

  it('names fields, and tells a move from a change', () => {
    const before = doc([node('a', { config: { u: { v: 1 } } }), node('b')], [edge('a', 'b')])
    const after = edit(before, [
      { type: 'set_config', id: 'a', pointer: '/u/v', value: 2 },
      { type: 'move', to: { b: { x: 1, y: 1 } } },
      { type: 'disconnect', keys: ['a:main:b:main'] },
      { type: 'add', node: node('c') },
    ])
    const diff = diffDocuments(before, after)
    expect(diff.changed).toEqual([
      { id: 'a', name: 'A', onlyMoved: false, fields: [{ pointer: '/config/u/v', before: 1, after: 2 }] },
      { id: 'b', name: 'B', onlyMoved: true, fields: [{ pointer: '/position', before: undefined, after: { x: 1, y: 1 } }] },
    ])
    expect([diff.added.length, diff.edgesRemoved.length]).toEqual([1, 1])
  })
})
