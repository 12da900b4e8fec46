// The workflow's own fields, for the same form that draws a node's config (api/workflow.schema.json in short).
import type { NodeType } from '../document/nodeTypes'
import type { JsonObject } from '../document/types'

const fixed = { 'x-mbflow': 'literal' }

export const WORKFLOW: JsonObject = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', ...fixed },
    description: { type: 'string', 'x-widget': 'textarea', ...fixed },
    tags: { type: 'array', items: { type: 'string', ...fixed }, ...fixed },
    variables: { type: 'object', 'x-widget': 'fields', ...fixed },
    settings: {
      type: 'object',
      ...fixed,
      properties: {
        timeout: { type: 'string', format: 'duration', ...fixed },
        concurrency: {
          type: 'object',
          ...fixed,
          properties: { limit: { type: 'integer', ...fixed }, key: { type: 'string' } },
        },
        on_failure: { type: 'string', ...fixed },
        timezone: { type: 'string', ...fixed },
        retention: {
          type: 'object',
          ...fixed,
          properties: { days: { type: 'integer', ...fixed }, count: { type: 'integer', ...fixed }, size: { type: 'integer', ...fixed } },
        },
        durability: { enum: ['full', 'relaxed', 'none'], default: 'full', ...fixed },
      },
    },
  },
}

const FIELDS = [
  'name',
  'description',
  'tags',
  'variables',
  'settings',
  'settings.timeout',
  'settings.concurrency',
  'settings.concurrency.limit',
  'settings.concurrency.key',
  'settings.on_failure',
  'settings.timezone',
  'settings.retention',
  'settings.retention.days',
  'settings.retention.count',
  'settings.retention.size',
  'settings.durability',
]

export function workflowTexts(t: (key: string) => string): NodeType {
  const config = Object.fromEntries(
    FIELDS.map((field) => {
      const key = `editor.wf.${field.replaceAll('.', '_')}`
      const labels =
        field === 'settings.durability' ? Object.fromEntries(['full', 'relaxed', 'none'].map((value) => [value, t(`${key}_${value}`)])) : {}
      return [field, { title: t(key), description: t(`${key}_hint`), labels }]
    }),
  )
  return { texts: { own: { config } } } as unknown as NodeType
}
