import { describe, expect, it } from 'vitest'
import { parseMarkdown, parseSpans, splitRow } from './markdown'

describe('Markdown of node pages', () => {
  it('knows headings, paragraphs, lists, tables and code', () => {
    const text =
      '# Wait\n\nHolds all\nitems.\n\n## Ports\n- `main`: all\n  of them\n- two\n\n| a | b |\n|---|---|\n| `x|y` | |\n\n```json\n{"a": 1}\n```'
    expect(parseMarkdown(text)).toEqual([
      { kind: 'heading', level: 1, text: 'Wait' },
      { kind: 'paragraph', text: 'Holds all items.' },
      { kind: 'heading', level: 2, text: 'Ports' },
      { kind: 'list', items: ['`main`: all of them', 'two'] },
      {
        kind: 'table',
        rows: [
          ['a', 'b'],
          ['`x|y`', ''],
        ],
      },
      { kind: 'code', text: '{"a": 1}' },
    ])
  })

  it('splits words from code and weight, and drops the address of a link', () => {
    expect(parseSpans('see *Body* and `x` in **all** [pages](p.md)').map(({ kind, text }) => [kind, text])).toEqual([
      ['text', 'see '],
      ['em', 'Body'],
      ['text', ' and '],
      ['code', 'x'],
      ['text', ' in '],
      ['strong', 'all'],
      ['text', ' pages'],
    ])
  })

  it('leaves pipes that are text', () => {
    expect(splitRow('| a \\| b | c |')).toEqual(['a | b', 'c'])
  })
})
