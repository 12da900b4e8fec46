import { describe, expect, it } from 'vitest'
import { formatAgo, formatDuration, shortId } from './format'

const plain = (text: string) => text.replace(/\s/g, ' ')

describe('times', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [4_249, '4.2 sec'],
    [59_999, '59.9 sec'],
    [60_000, '1 min'],
    [3_725_000, '1 hr 2 min'],
    [90_000_000, '1 day 1 hr'],
  ])('writes %d ms as %s', (ms, text) => expect(plain(formatDuration(ms, 'en'))).toBe(text))

  it('writes them in Russian, too', () => {
    expect(plain(formatDuration(4_249, 'ru'))).toBe('4,2 с')
    expect(plain(formatAgo('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:05:00Z'), 'ru'))).toBe('5 мин. назад')
  })

  it('tells ids apart by their end', () => {
    expect(shortId('01a20667-4705-732b-a6a8-85fe81ad5f20')).toBe('81ad5f20')
  })
})
