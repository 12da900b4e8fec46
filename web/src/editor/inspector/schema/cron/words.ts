// A cron expression in words. Days and months are called as their language abbreviates them, which needs no grammar.
import { fieldsOfCron, weekday } from './cron'

export type Translate = (key: string, values?: Record<string, unknown>) => string

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const mostTimes = 6
const isNumber = (text: string) => /^\d+$/.test(text)
const two = (text: string) => text.padStart(2, '0')
const stepOf = (text: string) => (text === '*' ? '1' : /^\*\/(\d+)$/.exec(text)?.[1])

/** 2024-01-01 was a Monday. */
export function dayName(day: number, language: string, style: 'short' | 'long' = 'short'): string {
  return new Intl.DateTimeFormat(language, { weekday: style, timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))
}
const monthName = (month: number, language: string) =>
  new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, month - 1, 1)).replace('.', '')

/** Lists and ranges with each value called by its name; nothing: a part that has no name. */
function named(text: string, name: (part: string) => string | undefined): string | undefined {
  const parts = text.split(',').map((part) => {
    const ends = part.split('-').map(name)
    return ends.length > 2 || ends.includes(undefined) ? undefined : ends.join('–')
  })
  return parts.includes(undefined) ? undefined : parts.join(', ')
}

const every = (unit: 'second' | 'minute' | 'hour', n: string, t: Translate) => t(`editor.cron.every.${unit}${n === '1' ? '' : 's'}`, { n })

function timeOf(second: string, minute: string, hour: string, t: Translate): string {
  const hours = hour.split(',')
  const minutes = minute.split(',')
  const exact = second === '0' && hours.every(isNumber) && minutes.every(isNumber) && hours.length * minutes.length <= mostTimes
  if (exact) return t('editor.cron.at', { list: hours.flatMap((h) => minutes.map((m) => `${two(h)}:${two(m)}`)).join(', ') })
  if (hour === '*' && minute === '*' && stepOf(second)) return every('second', stepOf(second)!, t)
  if (second === '0' && hour === '*' && stepOf(minute)) return every('minute', stepOf(minute)!, t)
  if (second === '0' && isNumber(minute) && stepOf(hour)) {
    return `${every('hour', stepOf(hour)!, t)} ${t('editor.cron.past', { minute })}`
  }
  return t('editor.cron.fields', { minute, hour }) + (second === '0' ? '' : `, ${t('editor.cron.seconds', { second })}`)
}

function dateOf(text: string, t: Translate): string {
  if (text === 'L') return t('editor.cron.last_day')
  if (text === 'LW') return t('editor.cron.last_working_day')
  return t('editor.cron.dates', { list: named(text, (part) => (isNumber(part) ? part : undefined)) ?? text })
}

function weekdayOf(text: string, language: string, t: Translate): string {
  const called = (part: string) => {
    const day = weekday(part)
    return day ? dayName(day, language) : undefined
  }
  const last = /^(\w+)L$/.exec(text)
  const nth = /^(\w+)#(\d)$/.exec(text)
  if (last && called(last[1]!)) return t('editor.cron.last_weekday', { day: called(last[1]!) })
  if (nth && called(nth[1]!)) return t('editor.cron.nth_weekday', { day: called(nth[1]!), n: nth[2] })
  return named(text, called) ?? t('editor.cron.weekdays', { list: text })
}

/** Nothing: it has too few fields or too many to say anything. */
export function cronWords(text: string, language: string, t: Translate): string | undefined {
  const fields = fieldsOfCron(text)
  if (!fields) return undefined
  const [second, minute, hour, date, month, day] = (fields.length === 5 ? ['0', ...fields] : fields) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const days = [date === '*' ? '' : dateOf(date, t), day === '*' ? '' : weekdayOf(day, language, t)].filter(Boolean)
  // The rule of crontab(5): one of the two is enough, unless one of them begins with a star.
  const both = date.startsWith('*') || day.startsWith('*') ? 'editor.cron.and' : 'editor.cron.or'
  const inMonths = named(month, (part) => {
    const number = isNumber(part) ? Number(part) : months.indexOf(part) + 1
    return number >= 1 && number <= 12 ? monthName(number, language) : undefined
  })
  return [
    timeOf(second, minute, hour, t),
    days.join(` ${t(both)} `),
    month === '*' ? '' : t('editor.cron.months', { list: inMonths ?? month }),
  ]
    .filter(Boolean)
    .join(', ')
}
