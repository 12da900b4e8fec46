// The settings that every node has, as a schema of the same kind as a type's config: one form draws both.
import type { NodeType } from '../document/nodeTypes'
import type { JsonObject } from '../document/types'

export const SETTINGS: JsonObject = {
  type: 'object',
  properties: {
    retry: {
      type: 'object',
      properties: {
        attempts: { type: 'integer', minimum: 1, maximum: 100, default: 3, 'x-mbflow': 'literal' },
        delay: { type: 'string', format: 'duration', default: '1s', 'x-mbflow': 'literal' },
        factor: { type: 'number', minimum: 1, maximum: 10, default: 2, 'x-mbflow': 'literal' },
        max_delay: { type: 'string', format: 'duration', default: '30s', 'x-mbflow': 'literal' },
        jitter: { type: 'boolean', default: true, 'x-mbflow': 'literal' },
      },
      'x-mbflow': 'literal',
    },
    timeout: { type: 'string', format: 'duration', 'x-mbflow': 'literal' },
    on_error: { enum: ['fail', 'continue', 'port'], default: 'fail', 'x-mbflow': 'literal' },
    on_unknown: { enum: ['retry', 'hold', 'fail'], default: 'retry', 'x-mbflow': 'literal' },
    run: { enum: ['each', 'once'], 'x-mbflow': 'literal' },
    concurrency: { type: 'integer', minimum: 1, maximum: 1000, default: 5, 'x-mbflow': 'literal' },
    disabled: { type: 'boolean', default: false, 'x-mbflow': 'literal' },
    notes: { type: 'string', 'x-widget': 'textarea', 'x-mbflow': 'literal' },
  },
}

const ENUMS: Readonly<Record<string, readonly string[]>> = {
  on_error: ['fail', 'continue', 'port'],
  on_unknown: ['retry', 'hold', 'fail'],
  run: ['each', 'once'],
}
const FIELDS = [
  'retry',
  'retry.attempts',
  'retry.delay',
  'retry.factor',
  'retry.max_delay',
  'retry.jitter',
  'timeout',
  'on_error',
  'on_unknown',
  'run',
  'concurrency',
  'disabled',
  'notes',
]

/** The translations in the shape in which a node type brings its own. */
export function settingsTexts(t: (key: string) => string): NodeType {
  const config = Object.fromEntries(
    FIELDS.map((field) => {
      const key = `editor.settings.${field.replace('.', '_')}`
      const labels = Object.fromEntries((ENUMS[field] ?? []).map((value) => [value, t(`${key}_${value}`)]))
      return [field, { title: t(key), description: t(`${key}_hint`), labels }]
    }),
  )
  return { texts: { own: { config } } } as unknown as NodeType
}
