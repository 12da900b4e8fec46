import { describe, expect, it } from 'vitest'
import type { NodeType } from '../document/nodeTypes'
import { score } from '../palette/search'
import { suggest } from './expression/completion'
import { Texts, fieldsOf, toExpression, toFixed } from './schema/field'

const schema = {
  type: 'object',
  required: ['kind'],
  properties: {
    kind: { enum: ['one', 'two'], default: 'one', 'x-labels': { one: 'First' } },
    wait: { type: 'string', format: 'duration', 'x-when': { kind: ['two'] }, 'x-needed': true },
    who: { anyOf: [{ const: 'public' }, { type: 'object' }], properties: { type: { type: 'string' } } },
    headers: { type: 'object', 'x-widget': 'fields' },
  },
}
const texts = new Texts({ texts: { ru: { config: { kind: { title: 'Вид', labels: { one: 'Первый' } } } } } } as unknown as NodeType, 'ru')

describe('a form', () => {
  it('is drawn from the schema alone', () => {
    expect(fieldsOf(schema, {}, '', texts).map((field) => [field.key, field.kind, field.title])).toEqual([
      ['kind', 'enum', 'Вид'],
      ['who', 'choice', 'who'],
      ['headers', 'map', 'headers'],
    ])
    expect(fieldsOf(schema, {}, '', texts)[0]!.options).toEqual([
      { value: 'one', label: 'Первый' },
      { value: 'two', label: 'two' },
    ])
    expect(fieldsOf(schema, { kind: 'two' }, '', texts)[1]).toMatchObject({ key: 'wait', kind: 'duration', required: true })
    // What an expression will give is not known: nothing is hidden because of it.
    expect(fieldsOf(schema, { kind: '{{ $json.k }}' }, '', texts).length).toBe(4)
  })

  it('goes from a value to an expression and back', () => {
    for (const value of [5, true, ['a'], { b: 1 }, 'text']) expect(toFixed(toExpression(value))).toEqual(value)
    expect(toFixed('{{ $json.a }}')).toBeUndefined()
  })
})

describe('completion', () => {
  const known = { nodes: [{ name: "Ann's", sample: { city: 'x' } }], json: { user: { name: 'a' }, 'odd key': 1 }, variables: ['api'] }
  const labels = (before: string) => suggest(before, known)?.list.map((item) => item.label)
  it('knows fields, nodes further up and variables', () => {
    expect(labels(' $json.')).toEqual(['user'])
    expect(labels(' $json.user.na')).toEqual(['name'])
    expect(labels(' $vars.')).toEqual(['api'])
    expect(labels(' $')).toContain("$('Ann\\'s')")
    expect(labels(" $('Ann\\'s').item.json.")).toEqual(['city'])
    expect(labels(' 1 + ')).toBeUndefined()
  })
})

describe('search', () => {
  it('puts the start of a word before letters in order, and refuses what does not fit', () => {
    expect(score('HTTP request', 'http')!).toBeGreaterThan(score('Call by HTTP', 'http')!)
    expect(score('HTTP request', 'htp')).toBeDefined()
    expect(score('Merge', 'http')).toBeUndefined()
  })
})
