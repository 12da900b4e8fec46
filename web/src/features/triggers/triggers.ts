import type { Activity, Trigger } from '@/api/triggers'

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

type Counts = Pick<Activity['series'][number], 'succeeded' | 'failed' | 'other'>

export const totalsOf = (series: readonly Counts[]): Counts =>
  series.reduce(
    (sum, one) => ({ succeeded: sum.succeeded + one.succeeded, failed: sum.failed + one.failed, other: sum.other + one.other }),
    { succeeded: 0, failed: 0, other: 0 },
  )

const fills = { failed: 'fill-failed', succeeded: 'fill-succeeded', other: 'fill-queued' } as const
const height = 24
const least = 3 // one failure among thousands is still seen

export interface Part {
  what: keyof Counts
  fill: string
  y: number
  height: number
}

/** Each column as parts that stand on one another; the greatest column fills the height. */
export function columnsOf(series: readonly Counts[]): Part[][] {
  const most = Math.max(1, ...series.map((one) => one.succeeded + one.failed + one.other))
  return series.map((one) => {
    let foot = height
    return (Object.keys(fills) as (keyof Counts)[]).flatMap((what) => {
      if (!one[what]) return []
      const tall = Math.min(foot, Math.max(least, (one[what] / most) * height))
      foot -= tall
      return [{ what, fill: fills[what], y: foot, height: tall }]
    })
  })
}
