// A field of a form, read from JSON Schema alone. Nothing here knows any node type.
import type { FieldText, NodeType } from '../../document/nodeTypes'
import { getAt } from '../../document/pointer'
import { isObject, same, type Json, type JsonObject } from '../../document/types'

export type FieldKind =
  | 'text'
  | 'long'
  | 'number'
  | 'boolean'
  | 'enum'
  | 'list'
  | 'group'
  | 'map'
  | 'choice'
  | 'json'
  | 'secret'
  | 'credential'
  | 'duration'
  | 'code'
  | 'condition'
  | 'cron'

export interface Option {
  readonly value: Json
  readonly label: string
}

export interface Field {
  readonly key: string
  readonly kind: FieldKind
  readonly schema: JsonObject
  /** As the translations name it: `auth.token`, `rules[].port`. */
  readonly path: string
  readonly title: string
  readonly description: string
  readonly required: boolean
  /** A text that is never an expression. */
  readonly literal: boolean
  readonly options: readonly Option[]
  readonly default: Json | undefined
}

export class Texts {
  constructor(
    private readonly type: NodeType,
    private readonly locale: string,
  ) {}

  of(path: string): FieldText {
    return this.type.texts?.[this.locale]?.config?.[path] ?? {}
  }
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

export function fieldOf(key: string, schema: JsonObject, path: string, required: boolean, texts: Texts): Field {
  const own = texts.of(path)
  return {
    key,
    schema,
    path,
    required,
    kind: kindOf(schema),
    title: own.title ?? (text(schema['title']) || key),
    description: own.description ?? text(schema['description']),
    literal: schema['x-mbflow'] === 'literal' || schema['x-mbflow'] === 'path',
    options: optionsOf(schema, own),
    default: schema['default'],
  }
}

const BY_FORMAT: Readonly<Record<string, FieldKind>> = {
  secret: 'secret',
  credential: 'credential',
  duration: 'duration',
  code: 'code',
  condition: 'condition',
  expression: 'json',
  cron: 'cron',
}
const BY_WIDGET: Readonly<Record<string, FieldKind>> = { fields: 'map', code: 'code', textarea: 'long', json: 'json', cron: 'cron' }
const BY_TYPE: Readonly<Record<string, FieldKind>> = {
  string: 'text',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
}

function kindOf(schema: JsonObject): FieldKind {
  const widget = BY_WIDGET[text(schema['x-widget'])]
  const format = BY_FORMAT[text(schema['format'])]
  if (widget ?? format) return (widget ?? format)!
  if (schema['enum']) return 'enum'
  if (constants(schema).length) return 'choice'
  const type = Array.isArray(schema['type']) ? (schema['type'] as string[]).find((name) => name !== 'null') : schema['type']
  if (type === 'object' || schema['properties']) return schema['properties'] ? 'group' : 'map'
  if (type === 'array') return schema['items'] ? 'list' : 'json'
  return BY_TYPE[text(type)] ?? 'json'
}

/** `anyOf` with constants: each is a choice of its own, beside what the rest of the schema describes. */
export function constants(schema: JsonObject): Json[] {
  const variants = schema['anyOf'] ?? schema['oneOf']
  if (!Array.isArray(variants)) return []
  return variants.flatMap((variant: Json) => (isObject(variant) && variant['const'] !== undefined ? [variant['const']] : []))
}

function optionsOf(schema: JsonObject, own: FieldText): Option[] {
  const values = (schema['enum'] as readonly Json[] | undefined) ?? constants(schema)
  const labels = isObject(schema['x-labels']) ? schema['x-labels'] : {}
  return values.map((value) => ({ value, label: own.labels?.[String(value)] ?? (text(labels[String(value)]) || String(value)) }))
}

/** The fields of an object that are to be shown with this value: `x-when` hides those that do not apply. */
export function fieldsOf(schema: JsonObject, value: Json | undefined, path: string, texts: Texts): Field[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as string[]) : [])
  const fields = Object.entries(properties).flatMap(([key, property]) => {
    if (!isObject(property) || !applies(property, properties, value)) return []
    return [fieldOf(key, property, path ? `${path}.${key}` : key, required.has(key) || property['x-needed'] === true, texts)]
  })
  return fields.sort((a, b) => order(a) - order(b))
}

const order = (field: Field): number => (typeof field.schema['x-order'] === 'number' ? field.schema['x-order'] : 0)

function applies(property: JsonObject, siblings: JsonObject, value: Json | undefined): boolean {
  const when = property['x-when']
  if (!isObject(when)) return true
  return Object.entries(when).every(([key, allowed]) => {
    const sibling = siblings[key]
    const actual = getAt(value, `/${key}`) ?? (isObject(sibling) ? sibling['default'] : undefined)
    // What an expression will give is not known here: the field is shown rather than hidden.
    if (isExpression(actual)) return true
    return Array.isArray(allowed) && (allowed as readonly Json[]).some((item) => same(item, actual))
  })
}

export const isExpression = (value: Json | undefined): value is string => typeof value === 'string' && /(?<!\\)\{\{/.test(value)

/** What an empty field of a kind begins with, for a new entry of a list. */
export function blank(schema: JsonObject): Json {
  if (schema['default'] !== undefined) return schema['default']
  const first = Array.isArray(schema['enum']) ? (schema['enum'] as readonly Json[])[0] : undefined
  if (first !== undefined) return first
  if (schema['type'] === 'object' || schema['properties']) return {}
  return schema['type'] === 'array'
    ? []
    : schema['type'] === 'boolean'
      ? false
      : schema['type'] === 'integer' || schema['type'] === 'number'
        ? 0
        : ''
}

/** From a fixed value to an expression of the same value. */
export const toExpression = (value: Json | undefined): string =>
  typeof value === 'string' ? value : value === undefined ? '' : `{{ ${JSON.stringify(value)} }}`

/** Back: an expression that is plain JSON in braces is that value; any other leaves the field empty. */
export function toFixed(value: Json | undefined): Json | undefined {
  if (!isExpression(value)) return value
  const inner = /^\s*\{\{([^]*)\}\}\s*$/.exec(value)?.[1]
  try {
    return inner === undefined ? undefined : (JSON.parse(inner) as Json)
  } catch {
    return undefined
  }
}

const DURATION = /^(\d+(\.\d+)?(w|d|h|m|s|ms|us)?)+$/
export const isDuration = (value: string): boolean => DURATION.test(value)
