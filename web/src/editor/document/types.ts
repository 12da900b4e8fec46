// The workflow document as it is stored. Every object keeps fields this version of the editor does not know:
// a document written by a newer server must survive an edit made here.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

export interface Position {
  readonly x: number
  readonly y: number
}

export interface WorkflowNode extends JsonObject {
  readonly id: string
  readonly name?: string
  readonly type: string
  readonly config?: JsonObject
  readonly retry?: JsonObject
  readonly timeout?: string | number | null
  readonly on_error?: string
  readonly on_unknown?: string
  readonly run?: string
  readonly concurrency?: number
  readonly parent?: string | null
  readonly disabled?: boolean
  readonly pinned?: Json
  readonly notes?: string
  readonly position?: JsonObject | null
}

export interface WorkflowEdge extends JsonObject {
  readonly source: string
  readonly source_port?: string
  readonly target: string
  readonly target_port?: string
  readonly condition?: string
}

/** A text that lies on the canvas. */
export interface CanvasNote extends JsonObject {
  readonly id: string
  readonly text?: string
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height?: number
  readonly colour?: string
}

/** Nodes with a frame around them. */
export interface CanvasGroup extends JsonObject {
  readonly id: string
  readonly name?: string
  readonly nodes: readonly string[]
  readonly colour?: string
}

export interface CanvasUi extends JsonObject {
  readonly notes?: readonly CanvasNote[]
  readonly groups?: readonly CanvasGroup[]
}

export interface WorkflowDocument extends JsonObject {
  readonly name: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly settings?: JsonObject
  readonly variables?: JsonObject
  readonly nodes: readonly WorkflowNode[]
  readonly edges: readonly WorkflowEdge[]
  readonly ui?: CanvasUi
}

/** What the server says about a workflow beside the document itself. */
export interface WorkflowMeta {
  readonly id: string
  readonly version: number
  readonly status: string
  readonly published_version: number | null
  readonly created_at: string
  readonly updated_at: string
}

const META_FIELDS = ['id', 'version', 'status', 'published_version', 'created_at', 'updated_at', '$schema']

export const MAIN = 'main'
export const ERROR_PORT = 'error'

/** The document inside what the API answered: without the fields that the server adds. */
export function documentOf(answer: JsonObject): WorkflowDocument {
  const body: Record<string, Json | undefined> = {}
  for (const [key, value] of Object.entries(answer)) if (!META_FIELDS.includes(key)) body[key] = value
  return {
    ...body,
    name: typeof answer['name'] === 'string' ? answer['name'] : '',
    nodes: (answer['nodes'] ?? []) as unknown as WorkflowNode[],
    edges: (answer['edges'] ?? []) as unknown as WorkflowEdge[],
  }
}

export const emptyDocument = (name: string): WorkflowDocument => ({ name, nodes: [], edges: [] })

export const nameOf = (node: WorkflowNode): string => node.name || node.id
export const sourcePort = (edge: WorkflowEdge): string => edge.source_port ?? MAIN
export const targetPort = (edge: WorkflowEdge): string => edge.target_port ?? MAIN

/** An edge is known by its ends, as the API names it. */
export const edgeKey = (edge: WorkflowEdge): string => `${edge.source}:${sourcePort(edge)}:${edge.target}:${targetPort(edge)}`

export function positionOf(node: WorkflowNode): Position {
  const at = node.position
  return { x: typeof at?.['x'] === 'number' ? at['x'] : 0, y: typeof at?.['y'] === 'number' ? at['y'] : 0 }
}

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What belongs to the workflow as a whole. */
export const withoutLists = (document: WorkflowDocument): JsonObject =>
  Object.fromEntries(Object.entries(document).filter(([key]) => key !== 'nodes' && key !== 'edges'))

/** Equality of JSON values; the order of keys does not count. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => same(item, b[i]))
  }
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a).filter((key) => a[key] !== undefined)
  const others = Object.keys(b).filter((key) => b[key] !== undefined)
  return keys.length === others.length && keys.every((key) => key in b && same(a[key], b[key]))
}
