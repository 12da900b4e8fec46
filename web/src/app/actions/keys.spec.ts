import { describe, expect, it } from 'vitest'
import { matchKeys, strokeName, type Stroke } from './keys'
import type { Action } from './registry'
import { fuzzyScore } from './search'

const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
})
const action = (id: string, keys: string): Action => ({ id, keys, title: id, group: 'x', run: () => {} })
const list = [action('palette', 'mod+k'), action('help', '?'), action('go', 'g w'), action('new', 'c')]

describe('shortcuts', () => {
  it('are the same keys on every layout', () => {
    expect(strokeName(stroke('k', { ctrlKey: true, code: 'KeyK' }))).toBe('mod+k')
    expect(strokeName(stroke('л', { ctrlKey: true, code: 'KeyK' }))).toBe('mod+k')
    expect(strokeName(stroke('?', { shiftKey: true, code: 'Slash' }))).toBe('?')
    expect(strokeName(stroke('K', { shiftKey: true, code: 'KeyK' }))).toBe('shift+k')
  })

  it('may be two keys one after the other', () => {
    const first = matchKeys(list, '', 'g')
    expect(first).toEqual({ pending: 'g' })
    expect(matchKeys(list, first.pending, 'w').action?.id).toBe('go')
    expect(matchKeys(list, 'g', 'c').action?.id).toBe('new')
    expect(matchKeys(list, '', 'x')).toEqual({ pending: '' })
  })

  it('find by letters in order, whole words first', () => {
    expect(fuzzyScore('New workflow', 'work')).toBeGreaterThan(fuzzyScore('Network of rocks', 'work'))
    expect(fuzzyScore('New workflow', 'nwf')).toBeGreaterThan(0)
    expect(fuzzyScore('New workflow', 'xyz')).toBe(0)
  })
})
