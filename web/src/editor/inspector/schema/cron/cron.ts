// A cron expression as people pick it, and back. What cannot be picked stays a text.

export const repeats = ['minutes', 'hour', 'day', 'weekday', 'week', 'month'] as const
export type Repeat = (typeof repeats)[number]

export interface Picked {
  readonly repeat: Repeat
  /** Of `minutes`: how many lie between. */
  readonly step: number
  readonly hour: number
  readonly minute: number
  /** Of `week`: 1 is Monday, 7 Sunday. */
  readonly days: readonly number[]
  /** Of `month`; 'L' is the last. */
  readonly day: number | 'L'
}

/** Those that leave even distances within an hour. */
export const steps = [1, 2, 3, 5, 10, 15, 20, 30]
const names = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN']
const nicknames: Readonly<Record<string, string>> = {
  '@HOURLY': '0 * * * *',
  '@DAILY': '0 0 * * *',
  '@MIDNIGHT': '0 0 * * *',
  '@WEEKLY': '0 0 * * 0',
  '@MONTHLY': '0 0 1 * *',
  '@YEARLY': '0 0 1 1 *',
  '@ANNUALLY': '0 0 1 1 *',
}

/** Five fields, or six with the second in front; in capitals, a day that is not asked for as `*`. */
export function fieldsOfCron(text: string): string[] | undefined {
  const upper = text.trim().toUpperCase()
  const fields = (nicknames[upper] ?? upper).split(/\s+/).map((field) => (field === '?' ? '*' : field))
  return fields.length === 5 || fields.length === 6 ? fields : undefined
}

const whole = (text: string, most: number): number | undefined =>
  /^\d{1,2}$/.test(text) && Number(text) <= most ? Number(text) : undefined

/** A day of the week by number or name, 1 to 7. */
export function weekday(text: string): number | undefined {
  const number = names.includes(text) ? names.indexOf(text) : whole(text, 7)
  return number === 0 ? 7 : number
}

/** Lists and ranges of days; nothing: something else. A range may begin on Sunday. */
export function weekdays(text: string): number[] | undefined {
  const days = new Set<number>()
  for (const part of text.split(',')) {
    const [from, to, ...more] = part.split('-').map(weekday)
    if (!from || more.length || (part.includes('-') && !to)) return undefined
    const first = to !== undefined && from === 7 ? 0 : from
    if (first > (to ?? first)) return undefined
    for (let day = first; day <= (to ?? first); day++) days.add(day === 0 ? 7 : day)
  }
  return [...days].sort((a, b) => a - b)
}

export function pickedOf(text: string): Picked | undefined {
  const fields = fieldsOfCron(text)
  if (!fields || fields.length !== 5) return undefined
  const [minutes, hours, dates, months, days] = fields as [string, string, string, string, string]
  if (months !== '*') return undefined
  const base: Picked = { ...usual, minute: whole(minutes, 59) ?? usual.minute, hour: whole(hours, 23) ?? usual.hour }
  const anyDay = dates === '*' && days === '*'
  const step = minutes === '*' ? 1 : Number(/^\*\/(\d+)$/.exec(minutes)?.[1])
  if (steps.includes(step)) return anyDay && hours === '*' ? { ...base, repeat: 'minutes', step } : undefined
  if (whole(minutes, 59) === undefined) return undefined
  if (hours === '*') return anyDay ? { ...base, repeat: 'hour' } : undefined
  if (whole(hours, 23) === undefined) return undefined
  if (anyDay) return { ...base, repeat: 'day' }
  if (dates === '*') {
    const list = weekdays(days)
    if (!list) return undefined
    return { ...base, repeat: list.join() === '1,2,3,4,5' ? 'weekday' : 'week', days: list }
  }
  const day = dates === 'L' ? dates : whole(dates, 31)
  return day && days === '*' ? { ...base, repeat: 'month', day } : undefined
}

/** What a new one begins with: nine o'clock, Mondays, the first of the month. */
export const usual: Picked = { repeat: 'day', step: 15, hour: 9, minute: 0, days: [1], day: 1 }

export function cronOf(picked: Picked): string {
  const at = `${picked.minute} ${picked.hour}`
  switch (picked.repeat) {
    case 'minutes':
      return picked.step === 1 ? '* * * * *' : `*/${picked.step} * * * *`
    case 'hour':
      return `${picked.minute} * * * *`
    case 'day':
      return `${at} * * *`
    case 'weekday':
      return `${at} * * MON-FRI`
    case 'week':
      return `${at} * * ${picked.days.map((day) => names[day]).join(',')}`
    case 'month':
      return `${at} ${picked.day} * *`
  }
}
