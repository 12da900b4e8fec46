import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyText, fitted, readFragment, shiftTo } from './clipboard'
import { closesCycle, topological } from './graph'
import { lint } from './lint'
import { outputPorts, type NodeType } from './nodeTypes'
import { outline } from './outline'
import { combined, fromServer } from './problems'
import { apply } from './reduce'
import { anyDocument, doc, edge, node } from './testing'
import { edgeKey, nameOf } from './types'
import { walk } from './walk'

const at = (x: number, y: number) => ({ position: { x, y } })
const fork = doc(
  [node('s', at(0, 0)), node('t', at(300, -100)), node('f', at(300, 100)), node('m', at(600, 0))],
  [edge('s', 't', { source_port: 'true' }), edge('s', 'f', { source_port: 'false' }), edge('t', 'm'), edge('f', 'm')],
)
const type = (more: Partial<NodeType>): NodeType => ({
  type: 'set',
  version: 1,
  group: 'data',
  title: 'Set',
  summary: '',
  run: 'each',
  pure: true,
  inputs: ['main'],
  outputs: ['main'],
  config: {},
  ...more,
})

describe('copy and paste', () => {
  it('keeps inner edges, makes ids and names unique, lets references follow', () => {
    const base = doc([node('a', { ...at(0, 0) }), node('b', { config: { x: "{{ $('A').item }}" }, ...at(300, 0) })], [edge('a', 'b')])
    const fragment = readFragment(copyText(base, new Set(['a', 'b'])))!
    const next = apply(base, { type: 'paste', fragment: fitted(base, fragment, { x: 32, y: 32 }) })
    expect(next.nodes.map((n) => [n.id, nameOf(n)])).toEqual([
      ['a', 'A'],
      ['b', 'B'],
      ['a_2', 'A 2'],
      ['b_2', 'B 2'],
    ])
    expect(next.edges.map(edgeKey)).toEqual(['a:main:b:main', 'a_2:main:b_2:main'])
    expect(next.nodes[3]!.config).toEqual({ x: "{{ $('A 2').item }}" })
    expect(next.nodes[2]!.position).toEqual({ x: 32, y: 32 })
  })

  it('pastes any document into any other without a clash', () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, (from, into) => {
        const fragment = readFragment(JSON.stringify(from))
        if (!fragment) return
        const next = apply(into, { type: 'paste', fragment: fitted(into, fragment, shiftTo(fragment, { x: 0, y: 0 })) })
        expect(next.nodes.length).toBe(into.nodes.length + from.nodes.length)
        expect(next.edges.length).toBe(into.edges.length + from.edges.length)
        expect(new Set(next.nodes.map((n) => n.id)).size).toBe(next.nodes.length)
        expect(new Set(next.nodes.map(nameOf)).size).toBe(next.nodes.length - (into.nodes.length - new Set(into.nodes.map(nameOf)).size))
      }),
    )
  })

  it('takes no other text for nodes', () => {
    for (const text of ['', 'hello', '{}', '[]', '{"nodes": []}', '{"nodes": [1]}', 'null']) expect(readFragment(text)).toBeUndefined()
  })
})

describe('walks', () => {
  it('follows edges to the right and left, siblings up and down', () => {
    expect(walk(fork, undefined, 'right')).toBe('s')
    expect(['t', 'f']).toContain(walk(fork, 's', 'right'))
    expect(walk(fork, 't', 'down')).toBe('f')
    expect(walk(fork, 'f', 'up')).toBe('t')
    expect(walk(fork, 't', 'right')).toBe('m')
    expect(walk(fork, 'm', 'right')).toBeUndefined()
  })

  it('reaches a node that no edge leads to', () => {
    const apart = doc([node('a', at(0, 0)), node('b', at(0, 200)), node('c', at(400, 0))])
    expect(walk(apart, 'a', 'down')).toBe('b')
    expect(walk(apart, 'a', 'right')).toBe('c')
  })
})

describe('outline', () => {
  it('names every node once, each below what leads to it', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        expect(
          outline(document)
            .map((row) => row.node.id)
            .sort(),
        ).toEqual(document.nodes.map((n) => n.id).sort())
        expect(topological(document).length).toBe(document.nodes.length)
      }),
    )
    expect(outline(fork).map((row) => [row.node.id, row.depth, row.port, row.also])).toEqual([
      ['s', 0, undefined, []],
      ['t', 1, 'true', []],
      ['f', 1, 'false', []],
      ['m', 1, 'main', ['T']],
    ])
  })

  it('bears a chain of 10,000 nodes', () => {
    const nodes = Array.from({ length: 10_000 }, (_, i) => node(`n${i}`))
    const long = doc(
      nodes,
      nodes.slice(1).map((n, i) => edge(`n${i}`, n.id)),
    )
    expect(outline(long).length).toBe(10_000)
    expect(closesCycle(long, 'n9999', 'n0')).toBe(true)
  })
})

describe('ports and lint', () => {
  const router = type({ type: 'switch', outputs: { each: '/rules', name: 'port', also: ['default'] } })
  it('reads ports from the config by the rule of the type', () => {
    const n = node('s', { type: 'switch', config: { rules: [{ port: 'nl' }, { port: 'de' }, { port: 'nl' }] }, on_error: 'port' })
    expect(outputPorts(n, router)).toEqual(['nl', 'de', 'default', 'error'])
    expect(outputPorts(n, router, [edge('s', 'x', { source_port: 'gone' })])).toEqual(['nl', 'de', 'default', 'gone', 'error'])
  })

  it('finds what is wrong and says where', () => {
    const types = new Map([
      ['set', type({ config: { required: ['url'] } })],
      ['manual', type({ type: 'manual', entry: true, inputs: [] })],
    ])
    const document = doc(
      [
        node('m', { type: 'manual', config: { url: 1 } }),
        node('a', { config: { url: "{{ $('B').item }} {{ $('Q').item }}" } }),
        node('b', { name: 'A', config: {} }),
        node('c', { type: 'odd' }),
      ],
      [edge('m', 'a', { source_port: 'no' }), edge('a', 'gone')],
    )
    const found = lint(document, types).map((p) => [p.code, p.node ?? p.edge, p.field])
    expect(found).toEqual(
      expect.arrayContaining([
        ['name_taken', 'b', '/name'],
        ['required', 'b', '/config/url'],
        ['unreachable', 'b', undefined],
        ['unknown_type', 'c', '/type'],
        ['no_such_node', 'a', '/config/url'],
        ['no_port', 'm:no:a:main', undefined],
        ['no_target', 'a:main:gone:main', undefined],
      ]),
    )
    const server = fromServer(document, [{ code: 'document.config', message: 'm', at: '/nodes/2/config/url' }], [])
    expect(server[0]).toMatchObject({ node: 'b', field: '/config/url' })
    expect(combined(server, lint(document, types)).filter((p) => p.at === '/nodes/2/config/url').length).toBe(1)
  })
})
