// Times and figures as people of one language write them.

export function formatDateTime(at: string | null | undefined, language: string): string {
  if (!at) return '–'
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at))
}

/** With milliseconds, for columns that are compared: 24 hours in every language. */
export function formatTime(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }).format(new Date(at))
}

const steps: [limit: number, size: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60_000, 1_000, 'second'],
  [3_600_000, 60_000, 'minute'],
  [86_400_000, 3_600_000, 'hour'],
  [30 * 86_400_000, 86_400_000, 'day'],
  [365 * 86_400_000, 30 * 86_400_000, 'month'],
  [Infinity, 365 * 86_400_000, 'year'],
]

export function formatAgo(at: string, now: number, language: string): string {
  const distance = Date.parse(at) - now
  const [, size, unit] = steps.find(([limit]) => Math.abs(distance) < limit)!
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' }).format(Math.trunc(distance / size), unit)
}

/** 320 ms, 4.2 s, 3 min 5 s, 2 h 10 min, 3 d 4 h */
export function formatDuration(ms: number, language: string): string {
  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value)
  if (ms < 1_000) return unit(Math.round(ms), 'millisecond')
  if (ms < 60_000) return unit(Math.floor(ms / 100) / 10, 'second', 1)
  const pairs: [size: number, name: string, below: number, belowName: string][] = [
    [86_400_000, 'day', 3_600_000, 'hour'],
    [3_600_000, 'hour', 60_000, 'minute'],
    [60_000, 'minute', 1_000, 'second'],
  ]
  const [size, name, below, belowName] = pairs.find(([least]) => ms >= least)!
  const rest = Math.floor((ms % size) / below)
  return rest > 0 ? `${unit(Math.floor(ms / size), name)} ${unit(rest, belowName)}` : unit(Math.floor(ms / size), name)
}

export function formatNumber(value: number, language: string, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)
}

export function formatPercent(share: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(share)
}

/** Long enough to tell ids apart: version 7 ids begin with the time, so the end is what differs. */
export function shortId(id: string): string {
  return id.slice(-8)
}
