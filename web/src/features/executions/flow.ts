import type { ExecutionEvent, Json, Workflow, WorkflowEdge } from '@/api/types'

export interface Given {
  /** Who gave it, and by which port; nobody for what the execution was started with. */
  source: string
  port: string
  items: Json[]
}

/** Items of one output event, by port. */
export function outputOf(event: ExecutionEvent | undefined): Record<string, Json[]> {
  return Object.fromEntries(Object.entries(event?.output ?? {}).map(([port, items]) => [port, items.map((item) => item.json)]))
}

export function incoming(workflow: Workflow | undefined, node: string): { edge: WorkflowEdge; index: number }[] {
  return (workflow?.edges ?? []).map((edge, index) => ({ edge, index })).filter(({ edge }) => edge.target === node)
}

/** What came over an edge: the items of its port, without those that its condition stopped. */
export function passed(event: ExecutionEvent | undefined, edge: WorkflowEdge, index: number): Json[] {
  const items = outputOf(event)[edge.source_port ?? 'main'] ?? []
  const verdict = event?.edges?.find((one) => one.edge === index)
  return verdict?.items ? verdict.items.map((position) => items[position] ?? null) : items
}

export function startInput(events: readonly ExecutionEvent[]): Json[] {
  const input = events.find((event) => event.type === 'execution_started')?.data?.input
  return input === undefined ? [] : Array.isArray(input) ? input : [input]
}

export function nodeName(workflow: Workflow | undefined, id: string): string {
  return workflow?.nodes.find((node) => node.id === id)?.name || id
}
