import type { Workflow, WorkflowNode } from '@/api/types'

export interface Trigger {
  id: string
  workflow: { id: string; name: string; version: number }
  node: string
  kind: 'webhook' | 'schedule'
  disabled: boolean
  /** Of a webhook. */
  path?: string
  methods?: string[]
  proof?: string
  respond?: string
  /** Of a schedule. */
  times?: string
  timezone?: string
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined)

function proofOf(auth: unknown): string {
  if (auth === 'public') return 'public'
  return text((auth as { type?: unknown } | undefined)?.type) ?? 'public'
}

function webhook(node: WorkflowNode): Partial<Trigger> {
  const config = node.config ?? {}
  const methods = Array.isArray(config.methods) ? config.methods.map(String) : ['POST']
  return { path: text(config.path), methods, proof: proofOf(config.auth), respond: text(config.respond) ?? 'accepted' }
}

function schedule(node: WorkflowNode, workflow: Workflow): Partial<Trigger> {
  const config = node.config ?? {}
  return { times: text(config.cron) ?? text(config.every), timezone: text(config.timezone) ?? text(workflow.settings?.timezone) ?? 'UTC' }
}

/** What starts a published workflow by itself. */
export function triggersOf(workflow: Workflow): Trigger[] {
  return workflow.nodes
    .filter((node) => node.type === 'webhook' || node.type === 'schedule')
    .map((node) => ({
      id: `${workflow.id}:${node.id}`,
      workflow: { id: workflow.id, name: workflow.name, version: workflow.published_version ?? workflow.version },
      node: node.name || node.id,
      kind: node.type as Trigger['kind'],
      disabled: !!node.disabled,
      ...(node.type === 'webhook' ? webhook(node) : schedule(node, workflow)),
    }))
}

export function webhookUrl(origin: string, path: string): string {
  return `${origin}/webhooks/${path.replace(/^\/+/, '')}`
}
