// What a node type says about itself (GET /node-types). The editor knows types only by this description.
import { ERROR_PORT, MAIN, isObject, type Json, type JsonObject, type WorkflowEdge, type WorkflowNode } from './types'
import { getAt } from './pointer'

export interface PortRule {
  readonly each: string
  readonly name: string
  readonly also?: readonly string[]
}

export interface FieldText {
  readonly title?: string
  readonly description?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface NodeTypeTexts {
  readonly title?: string
  readonly summary?: string
  readonly config?: Readonly<Record<string, FieldText>>
  readonly ports?: Readonly<Record<string, string>>
  readonly output?: string
  readonly examples?: readonly string[]
}

export interface NodeType {
  readonly type: string
  readonly version: number
  readonly group: string
  readonly title: string
  readonly summary: string
  readonly run: string
  readonly pure: boolean
  readonly entry?: boolean
  readonly inputs: readonly string[]
  readonly outputs: readonly string[] | PortRule
  readonly ports?: Readonly<Record<string, string>>
  readonly config: JsonObject
  readonly output?: JsonObject
  readonly errors?: readonly { readonly code: string; readonly cure: string }[]
  readonly examples?: readonly JsonObject[]
  readonly texts?: Readonly<Record<string, NodeTypeTexts>>
  readonly docs?: Readonly<Record<string, string>>
  readonly icon?: string
}

export type NodeTypes = ReadonlyMap<string, NodeType>

/** The type's own output ports for this node; a rule (such as one port per entry of a list) is read from its config. */
export function declaredOutputs(type: NodeType | undefined, config: JsonObject | undefined): string[] {
  if (!type) return [MAIN]
  const rule = type.outputs
  if (Array.isArray(rule)) return rule.slice() as string[]
  const { each, name, also } = rule as PortRule
  const list = getAt(config as Json, each)
  const named = Array.isArray(list) ? list.map((item: Json) => (isObject(item) ? item[name] : undefined)) : []
  const ports = named.filter((port): port is string => typeof port === 'string' && port !== '')
  return [...new Set([...ports, ...(also ?? [])])]
}

/** All output ports to draw: declared ones, `error` where errors leave by a port, and any an edge already uses. */
export function outputPorts(node: WorkflowNode, type: NodeType | undefined, used: readonly WorkflowEdge[] = []): string[] {
  const ports = new Set(declaredOutputs(type, node.config))
  for (const edge of used) ports.add(edge.source_port ?? MAIN)
  const error = node.on_error === 'port' || ports.has(ERROR_PORT)
  ports.delete(ERROR_PORT)
  // The error port is last, whichever edge was drawn first.
  return error ? [...ports, ERROR_PORT] : [...ports]
}

export function inputPorts(type: NodeType | undefined, used: readonly WorkflowEdge[] = []): string[] {
  const ports = new Set(type ? type.inputs : [MAIN])
  for (const edge of used) ports.add(edge.target_port ?? MAIN)
  return [...ports]
}

export const typeTitle = (type: NodeType, locale: string): string => type.texts?.[locale]?.title ?? type.title
export const typeSummary = (type: NodeType, locale: string): string => type.texts?.[locale]?.summary ?? type.summary
export const typeDocs = (type: NodeType, locale: string): string => type.docs?.[locale] ?? type.docs?.['en'] ?? ''
export const portTitle = (type: NodeType | undefined, port: string, locale: string): string =>
  type?.texts?.[locale]?.ports?.[port] ?? type?.ports?.[port] ?? port

/** The config that the schema's defaults and required fields give: what a new node begins with. */
export function initialConfig(type: NodeType): JsonObject {
  const required = type.config['required']
  const properties = type.config['properties']
  if (!isObject(properties) || !Array.isArray(required)) return {}
  const config: Record<string, Json> = {}
  for (const key of required as string[]) {
    const field = properties[key]
    if (isObject(field) && field['default'] !== undefined) config[key] = field['default']
  }
  return config
}
