import { describe, expect, it } from 'vitest'
import en from '../../../locales/en.json'
import ru from '../../../locales/ru.json'
import { cronOf, pickedOf, usual } from './cron'
import { cronWords, type Translate } from './words'

describe('a cron expression that can be picked', () => {
  it.each([
    ['*/15 * * * *', { repeat: 'minutes', step: 15 }],
    ['* * * * *', { repeat: 'minutes', step: 1 }],
    ['5 * * * *', { repeat: 'hour', minute: 5 }],
    ['30 8 * * *', { repeat: 'day', hour: 8, minute: 30 }],
    ['0 9 * * MON-FRI', { repeat: 'weekday', hour: 9, minute: 0 }],
    ['0 9 * * MON,SUN', { repeat: 'week', days: [1, 7] }],
    ['0 0 15 * *', { repeat: 'month', day: 15 }],
    ['0 0 L * *', { repeat: 'month', day: 'L' }],
  ])('%s is read and written as it was', (text, picked) => {
    expect(pickedOf(text)).toMatchObject(picked)
    expect(cronOf(pickedOf(text)!)).toBe(text)
  })

  it('is known in other words, too', () => {
    expect(pickedOf('@daily')).toMatchObject({ repeat: 'day', hour: 0, minute: 0 })
    expect(pickedOf(' 0  9 ? * mon-fri ')).toMatchObject({ repeat: 'weekday' })
    expect(pickedOf('0 9 * * 0,6-7')).toMatchObject({ repeat: 'week', days: [6, 7] })
    expect(pickedOf('0 9 * * SUN-TUE')).toMatchObject({ days: [1, 2, 7] })
    expect(pickedOf('0 9 * * FRI-SUN')).toMatchObject({ days: [5, 6, 7] })
  })

  it('and any other is left as it is', () => {
    for (const text of [
      '',
      'now',
      '* * * *',
      '*/40 * * * *',
      '*/15 9 * * *',
      '0 9-17 * * *',
      '0 9 1,15 * *',
      '0 9 1 * MON',
      '0 9 * JAN *',
      '0 9 * * FRIL',
      '0 9 * * MON#2',
      '0 9 * * FRI-MON',
      '0 9 * * 8',
      '60 9 * * *',
      '0 24 * * *',
      '0 9 0 * *',
      '0 9 32 * *',
      '*/10 * * * * *',
    ]) {
      expect(pickedOf(text), text).toBeUndefined()
    }
  })

  it('is what a choice begins with, whatever is chosen', () => {
    for (const repeat of ['minutes', 'hour', 'day', 'weekday', 'week', 'month'] as const) {
      expect(pickedOf(cronOf({ ...usual, repeat }))?.repeat).toBe(repeat)
    }
  })
})

const of =
  (catalogue: object): Translate =>
  (key, values) => {
    const text = String(key.split('.').reduce((at: unknown, part) => (at as Record<string, unknown>)[part], catalogue))
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values?.[name]))
  }

describe('a cron expression in words', () => {
  it.each([
    ['*/15 * * * *', 'Every 15 min', 'Каждые 15 мин'],
    ['* * * * *', 'Every minute', 'Каждую минуту'],
    ['*/10 * * * * *', 'Every 10 s', 'Каждые 10 с'],
    ['5 * * * *', 'Every hour at 5 min past', 'Каждый час в 5 мин'],
    ['0 */2 * * *', 'Every 2 h at 0 min past', 'Каждые 2 ч в 0 мин'],
    ['0 9 * * MON-FRI', 'At 09:00, Mon–Fri', 'В 09:00, пн–пт'],
    ['0,30 9,18 * * *', 'At 09:00, 09:30, 18:00, 18:30', 'В 09:00, 09:30, 18:00, 18:30'],
    ['30 8 1,15 * *', 'At 08:30, on day 1, 15 of the month', 'В 08:30, числа месяца: 1, 15'],
    ['0 0 L * *', 'At 00:00, on the last day of the month', 'В 00:00, в последний день месяца'],
    ['0 9 LW * *', 'At 09:00, on the last Monday to Friday of the month', 'В 09:00, в последний будний день месяца'],
    ['0 9 * * FRIL', 'At 09:00, on the last Fri of the month', 'В 09:00, последний пт месяца'],
    ['0 9 * * MON#2', 'At 09:00, on Mon no. 2 of the month', 'В 09:00, пн № 2 в месяце'],
    ['0 9 * 1,6-8 *', 'At 09:00, in Jan, Jun–Aug', 'В 09:00, янв, июнь–авг'],
    ['*/5 9-17 * * *', 'Minutes */5 of the hours 9-17', 'Минуты */5, часы 9-17'],
    ['15 0 9 * * *', 'Minutes 0 of the hours 9, seconds 15', 'Минуты 0, часы 9, секунды 15'],
    ['@hourly', 'Every hour at 0 min past', 'Каждый час в 0 мин'],
  ])('%s', (text, english, russian) => {
    expect(cronWords(text, 'en', of(en))).toBe(english)
    expect(cronWords(text, 'ru', of(ru))).toBe(russian)
  })

  it('says whether both days must hold, as crontab(5) has it', () => {
    expect(cronWords('0 9 13 * FRI', 'en', of(en))).toBe('At 09:00, on day 13 of the month or Fri')
    expect(cronWords('0 9 */2 * FRI', 'en', of(en))).toBe('At 09:00, on day */2 of the month and also Fri')
  })

  it('says nothing of what is none', () => {
    for (const text of ['', 'every day', '* * * *', '* * * * * * *']) expect(cronWords(text, 'en', of(en))).toBeUndefined()
  })
})
