import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupsOf, notesOf } from './drawn'
import { DocumentStore } from './log'
import { apply } from './reduce'
import { anyCommand, anyDocument, doc, edge, node } from './testing'
import { documentOf, edgeKey } from './types'

describe('undo', () => {
  it('is exact over random edit sequences, and so is redo', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyCommand, { maxLength: 30 }), (document, commands) => {
        let clock = 0
        const store = new DocumentStore(document, () => (clock += 10_000))
        const texts = [JSON.stringify(document)]
        for (const command of commands) if (store.run(command)) texts.push(JSON.stringify(store.document))
        const last = texts.at(-1)
        for (const text of texts.slice(0, -1).reverse()) {
          store.undo()
          expect(JSON.stringify(store.document)).toBe(text)
        }
        expect(store.canUndo).toBe(false)
        while (store.canRedo) store.redo()
        expect(JSON.stringify(store.document)).toBe(last)
      }),
      { numRuns: 300 },
    )
  })

  it('never changes a snapshot that was handed out, and never loses an edge end', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyCommand, { maxLength: 20 }), (document, commands) => {
        let current = document
        for (const command of commands) {
          const text = JSON.stringify(current)
          const next = apply(current, command)
          expect(JSON.stringify(current)).toBe(text)
          const ids = new Set(next.nodes.map((n) => n.id))
          expect(next.edges.every((e) => ids.has(e.source) && ids.has(e.target))).toBe(true)
          expect(new Set(next.edges.map(edgeKey)).size).toBe(next.edges.length)
          const grouped = groupsOf(next).flatMap((group) => group.nodes)
          expect(grouped.every((id) => ids.has(id))).toBe(true)
          expect(new Set(grouped).size).toBe(grouped.length)
          const drawn = [...notesOf(next), ...groupsOf(next)].map(({ id }) => id)
          expect(new Set(drawn).size).toBe(drawn.length)
          expect(groupsOf(next).every((group) => group.nodes.length > 0)).toBe(true)
          current = next
        }
      }),
      { numRuns: 300 },
    )
  })

  it('takes a burst of typing as one step, and a pause as two', () => {
    let clock = 0
    const store = new DocumentStore(doc([node('a')]), () => clock)
    const type = (value: string) => store.run({ type: 'set_config', id: 'a', pointer: '/url', value })
    type('h')
    clock += 100
    type('ht')
    clock += 100
    type('htt')
    clock += 5_000
    type('http')
    store.undo()
    expect(store.document.nodes[0]!.config).toEqual({ url: 'htt' })
    store.undo()
    expect(store.document.nodes[0]!.config).toBeUndefined()
    expect(store.canUndo).toBe(false)
  })

  it('starts a new step after endBurst and after an undo', () => {
    const store = new DocumentStore(doc([node('a')]), () => 0)
    const move = (x: number) => store.run({ type: 'move', to: { a: { x, y: 0 } } })
    move(1)
    store.endBurst()
    move(2)
    expect(store.steps.length).toBe(2)
    store.undo()
    move(3)
    expect(store.steps.length).toBe(2)
    expect(store.canRedo).toBe(false)
  })

  it('leaves no step for a command that changes nothing', () => {
    const store = new DocumentStore(doc([node('a'), node('b')], [edge('a', 'b')]))
    expect(store.run({ type: 'connect', edge: edge('a', 'b', { source_port: 'main' }) })).toBe(false)
    expect(store.run({ type: 'remove', ids: ['zz'] })).toBe(false)
    expect(store.canUndo).toBe(false)
  })
})

describe('commands', () => {
  it('rename follows in expressions of configs and conditions, not in notes, names of others or plain text', () => {
    const before = doc(
      [
        node('a'),
        node('b', {
          notes: "$('A')",
          config: {
            x: "{{ $('A').item.json.x + ' $(\\'A\\') ' }}",
            y: "say $('A')",
            z: ['{{ $("A").all() }} and {{ foo$(\'A\') }}'],
            l: { $literal: "{{ $('A') }}" },
          },
        }),
      ],
      [edge('a', 'b', { condition: '{{ $(`A`).first().json.ok }}' })],
    )
    const after = apply(before, { type: 'rename', id: 'a', name: "Ann's" })
    expect(after.nodes[0]!.name).toBe("Ann's")
    expect(after.nodes[1]).toMatchObject({
      notes: "$('A')",
      config: { y: "say $('A')", z: ["{{ $('Ann\\'s').all() }} and {{ foo$('A') }}"], l: { $literal: "{{ $('A') }}" } },
    })
    expect(after.nodes[1]!.config!['x']).toContain("$('Ann\\'s').item.json.x")
    expect(after.edges[0]!.condition).toBe("{{ $('Ann\\'s').first().json.ok }}")
  })

  it('insert keeps the place of the edge and its condition on the first half', () => {
    const before = doc([node('a'), node('b'), node('c')], [edge('a', 'b', { source_port: 'true', condition: '{{ 1 }}' }), edge('c', 'b')])
    const after = apply(before, { type: 'insert', key: 'a:true:b:main', node: node('n'), ports: { in: 'main', out: 'out' } })
    expect(after.edges).toEqual([
      { source: 'a', source_port: 'true', target: 'n', condition: '{{ 1 }}' },
      { source: 'n', source_port: 'out', target: 'b' },
      { source: 'c', target: 'b' },
    ])
  })

  it('remove with bridge joins the ends of a line, and leaves a fork alone', () => {
    const line = doc([node('a'), node('b'), node('c')], [edge('a', 'b', { source_port: 'x' }), edge('b', 'c')])
    expect(apply(line, { type: 'remove', ids: ['b'], bridge: true }).edges).toEqual([{ source: 'a', source_port: 'x', target: 'c' }])
    const fork = doc([node('a'), node('b'), node('c'), node('d')], [edge('a', 'b'), edge('b', 'c'), edge('b', 'd')])
    expect(apply(fork, { type: 'remove', ids: ['b'], bridge: true }).edges).toEqual([])
  })

  it('keeps unknown fields and the key __proto__', () => {
    const answer = JSON.parse(
      '{"id":"1","version":3,"name":"w","later":{"x":1},"nodes":[{"id":"a","type":"set","future":[1],"config":{"__proto__":1}}],"edges":[]}',
    )
    const document = documentOf(answer)
    expect(document).not.toHaveProperty('version')
    const after = apply(document, { type: 'set_config', id: 'a', pointer: '/__proto__', value: 2 })
    expect(JSON.stringify(after)).toBe(
      '{"name":"w","later":{"x":1},"nodes":[{"id":"a","type":"set","future":[1],"config":{"__proto__":2}}],"edges":[]}',
    )
  })
})
