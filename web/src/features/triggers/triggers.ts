import type { Trigger } from '@/api/triggers'

export type How = 'called' | 'heard' | 'timed'
export const howOf = (trigger: Trigger): How => (trigger.path !== undefined ? 'called' : trigger.event !== undefined ? 'heard' : 'timed')

export const webhookUrl = (origin: string, path: string): string => `${origin}/${path.replace(/^\/+/, '')}`

/** What a caller sends to prove who it is; the secret itself is known to the workflow alone. */
const proofs: Record<string, string> = {
  bearer: "-H 'Authorization: Bearer SECRET'",
  basic: "-u 'NAME:PASSWORD'",
  header: "-H 'HEADER: SECRET'",
  hmac: "-H 'SIGNATURE-HEADER: SIGNATURE'",
}

/** A call of it, to be pasted into a terminal. */
export const curlSample = (trigger: Trigger, origin: string): string =>
  howOf(trigger) === 'heard' ? sampleOfEvent(trigger.event!, origin) : sampleOfCall(trigger, origin)

function sampleOfEvent(names: string, origin: string): string {
  const event = JSON.stringify({ name: names.replaceAll('*', 'example'), data: { hello: 'world' } })
  return [
    `curl -X POST '${origin}/api/v1/events'`,
    proofs.bearer,
    "-H 'Content-Type: application/json'",
    `-d '${event.replaceAll("'", "'\\''")}'`,
  ].join(' \\\n  ')
}

function sampleOfCall(trigger: Trigger, origin: string): string {
  const methods = trigger.methods ?? []
  const method = methods.includes('POST') || !methods.length ? 'POST' : methods[0]!
  const hasBody = !['GET', 'HEAD', 'DELETE'].includes(method)
  return [
    `curl -X ${method} '${webhookUrl(origin, trigger.path ?? '')}'`,
    proofs[trigger.auth ?? ''],
    hasBody ? "-H 'Content-Type: application/json'" : undefined,
    hasBody ? `-d '{"hello": "world"}'` : undefined,
  ]
    .filter(Boolean)
    .join(' \\\n  ')
}
