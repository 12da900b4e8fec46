import type { Trigger } from '@/api/triggers'

export const webhookUrl = (origin: string, path: string): string => `${origin}/${path.replace(/^\/+/, '')}`

/** What a caller sends to prove who it is; the secret itself is known to the workflow alone. */
const proofs: Record<string, string> = {
  bearer: "-H 'Authorization: Bearer SECRET'",
  basic: "-u 'NAME:PASSWORD'",
  header: "-H 'HEADER: SECRET'",
  hmac: "-H 'SIGNATURE-HEADER: SIGNATURE'",
}

/** A call of it, to be pasted into a terminal. */
export function curlSample(trigger: Trigger, origin: string): string {
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
