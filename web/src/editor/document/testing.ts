// Random documents and commands for the property tests.
import fc from 'fast-check'
import type { Command } from './commands'
import { edgeKey, type WorkflowDocument, type WorkflowEdge, type WorkflowNode } from './types'

export const node = (id: string, more: Partial<WorkflowNode> = {}): WorkflowNode =>
  ({ id, name: id.toUpperCase(), type: 'set', ...more }) as WorkflowNode
export const edge = (source: string, target: string, more: Partial<WorkflowEdge> = {}): WorkflowEdge =>
  ({ source, target, ...more }) as WorkflowEdge
export const doc = (nodes: WorkflowNode[], edges: WorkflowEdge[] = []): WorkflowDocument => ({ name: 'w', nodes, edges })

const ids = ['a', 'b', 'c', 'd', 'e', 'f']
export const anyId = fc.constantFrom(...ids)
const text = fc.constantFrom('', 'x', '{{ $json.a }}', "{{ $('A').item.json.b }}", 'A', 'Other')
const value = fc.option(
  fc.oneof(text, fc.integer({ min: 0, max: 9 }), fc.boolean(), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })),
  { nil: undefined },
)
const place = fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.integer({ min: 0, max: 9 }) })

const anyNode: fc.Arbitrary<WorkflowNode> = fc
  .record({
    id: anyId,
    config: fc.dictionary(fc.constantFrom('k', 'l', 'm'), text),
    position: place,
    unknown: fc.option(fc.integer(), { nil: undefined }),
  })
  .map(
    ({ unknown, ...rest }) =>
      ({ ...rest, name: rest.id.toUpperCase(), type: 'set', ...(unknown === undefined ? {} : { unknown }) }) as WorkflowNode,
  )

const anyEdge = fc.record({ source: anyId, target: anyId, source_port: fc.constantFrom('main', 'true') }) as fc.Arbitrary<WorkflowEdge>

export const anyDocument: fc.Arbitrary<WorkflowDocument> = fc
  .record({
    nodes: fc.uniqueArray(anyNode, { selector: (n) => n.id, maxLength: 6 }),
    edges: fc.uniqueArray(anyEdge, { selector: edgeKey, maxLength: 8 }),
    extra: fc.jsonValue(),
  })
  .map(({ nodes, edges, extra }) => {
    const known = new Set(nodes.map((n) => n.id))
    return {
      name: 'w',
      nodes,
      edges: edges.filter((e) => known.has(e.source) && known.has(e.target) && e.source !== e.target),
      extra,
    } as unknown as WorkflowDocument
  })

const key = anyEdge.map(edgeKey)
const drawnId = fc.constantFrom('d1', 'd2', 'd3')
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constant('add' as const), node: anyNode }),
  fc.record({ type: fc.constant('remove' as const), ids: fc.array(anyId, { maxLength: 2 }), bridge: fc.boolean() }),
  fc.record({ type: fc.constant('connect' as const), edge: anyEdge }),
  fc.record({ type: fc.constant('disconnect' as const), keys: fc.array(key, { maxLength: 2 }) }),
  fc.record({ type: fc.constantFrom('move' as const, 'tidy' as const), to: fc.dictionary(anyId, place) }),
  fc.record({ type: fc.constant('rename' as const), id: anyId, name: fc.constantFrom('A', 'B', "It's", 'New name') }),
  fc.record({
    type: fc.constant('set_config' as const),
    id: anyId,
    pointer: fc.constantFrom('/k', '/l', '/l/deep', '/m/0'),
    value,
  }) as fc.Arbitrary<Command>,
  fc.record({
    type: fc.constant('set_field' as const),
    id: anyId,
    field: fc.constantFrom('run', 'timeout', 'retry'),
    value,
  }) as fc.Arbitrary<Command>,
  fc.record({
    type: fc.constant('set_edge' as const),
    key,
    field: fc.constant('condition' as const),
    value: fc.constantFrom(undefined, '{{ true }}'),
  }),
  fc.record({ type: fc.constant('move_edge' as const), key, by: fc.integer({ min: -2, max: 2 }) }),
  fc.record({ type: fc.constant('insert' as const), key, node: anyNode, ports: fc.constant({ in: 'main', out: 'main' }) }),
  fc.record({
    type: fc.constant('parent' as const),
    ids: fc.array(anyId, { maxLength: 2 }),
    parent: fc.option(anyId, { nil: undefined }),
  }) as fc.Arbitrary<Command>,
  fc.record({ type: fc.constant('disable' as const), ids: fc.array(anyId, { maxLength: 2 }), disabled: fc.boolean() }),
  fc.record({ type: fc.constant('pin' as const), id: anyId, items: fc.constantFrom(undefined, [{ a: 1 }]) }) as fc.Arbitrary<Command>,
  fc.record({ type: fc.constant('note' as const), id: anyId, text }),
  fc.record({
    type: fc.constant('set_workflow' as const),
    pointer: fc.constantFrom('/name', '/variables/v', '/settings/timeout'),
    value: fc.constantFrom('1h', 'n'),
  }),
  fc.record({ type: fc.constant('add_note' as const), note: fc.record({ id: drawnId, text, x: fc.integer({ min: 0, max: 9 }) }) }),
  fc.record({
    type: fc.constant('set_note' as const),
    id: drawnId,
    change: fc.constantFrom({ text: 'new' }, { x: 3, y: 4 }, { width: 1, height: 9999 }, { colour: 'red' as const }),
  }),
  fc.record({ type: fc.constant('remove_note' as const), ids: fc.array(drawnId, { maxLength: 2 }) }),
  fc.record({ type: fc.constant('group' as const), group: fc.record({ id: drawnId, nodes: fc.array(anyId, { maxLength: 4 }) }) }),
  fc.record({ type: fc.constant('set_group' as const), id: drawnId, change: fc.constantFrom({ name: 'N' }, { colour: 'blue' as const }) }),
  fc.record({ type: fc.constant('ungroup' as const), ids: fc.array(drawnId, { maxLength: 2 }) }),
  fc.record({ type: fc.constant('arrange' as const), to: fc.dictionary(anyId, place) }),
  anyDocument.map((document) => ({ type: 'replace' as const, document })),
  fc.record({ type: fc.constant('paste' as const), fragment: anyDocument.map(({ nodes, edges }) => ({ nodes, edges })) }),
)
