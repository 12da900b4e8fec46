// States are said in small text on every ground, also under the mouse: WCAG 2.2 wants 4.5 : 1.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync('src/app/theme/main.css', 'utf8')
const grounds = ['bg', 'card', 'raised', 'hover']
const inks = [
  'text',
  'muted',
  'accent',
  'queued',
  'running',
  'succeeded',
  'failed',
  'retrying',
  'waiting',
  'skipped',
  'cancelled',
  'pinned',
]

const begin = css.search(/^\[data-theme='dark'\] \{/m)
const light = css.slice(css.search(/^:root \{/m), begin)
const dark = css.slice(begin)
const colour = (theme: string, name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(theme)?.[1] ?? ''

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
function contrast(a: string, b: string): number {
  const [less, more] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (more! + 0.05) / (less! + 0.05)
}

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s theme', (_, theme) => {
  it.each(inks)('%s can be read on every ground', (ink) => {
    for (const ground of grounds) expect(contrast(colour(theme, ink), colour(theme, ground)), ground).toBeGreaterThanOrEqual(4.5)
  })
})
