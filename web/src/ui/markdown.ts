// The part of Markdown that the pages of node types use: headings, paragraphs, lists, tables, code. No HTML, no images.

export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'table'; rows: string[][] }

export interface Span {
  kind: 'text' | 'code' | 'strong' | 'em'
  text: string
}

const isStart = (line: string) => /^(#{1,6} |```|[-*] |\||\s*$)/.test(line)

function takeCode(lines: string[], at: number): [Block, number] {
  let end = at + 1
  while (end < lines.length && !lines[end]!.startsWith('```')) end++
  return [{ kind: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1]
}

function takeList(lines: string[], at: number): [Block, number] {
  const items: string[] = []
  while (at < lines.length) {
    const line = lines[at]!
    if (/^[-*] /.test(line)) items.push(line.slice(2))
    else if (line.trim() && !isStart(line)) items[items.length - 1] += ` ${line.trim()}`
    else break
    at++
  }
  return [{ kind: 'list', items }, at]
}

function takeTable(lines: string[], at: number): [Block, number] {
  const rows: string[][] = []
  for (; at < lines.length && lines[at]!.startsWith('|'); at++) {
    if (!/^\|[\s:|-]+\|?$/.test(lines[at]!)) rows.push(splitRow(lines[at]!))
  }
  return [{ kind: 'table', rows }, at]
}

function takeParagraph(lines: string[], at: number): [Block, number] {
  let end = at + 1
  while (end < lines.length && !isStart(lines[end]!)) end++
  return [{ kind: 'paragraph', text: lines.slice(at, end).join(' ') }, end]
}

/** The cells of a table row; a pipe inside `code` or after a backslash is text. */
export function splitRow(line: string): string[] {
  const row: string[] = []
  let cell = ''
  let code = false
  for (const [index, char] of [...line.trim()].entries()) {
    if (char === '`') code = !code
    if (char === '|' && !code && !cell.endsWith('\\')) {
      if (index > 0) row.push(cell.trim())
      cell = ''
    } else cell += char
  }
  if (cell.trim()) row.push(cell.trim())
  return row.map((text) => text.replaceAll('\\|', '|'))
}

export function parseMarkdown(text: string): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at]!
    const heading = /^(#{1,6}) (.*)$/.exec(line)
    let block: Block | undefined
    if (!line.trim()) at++
    else if (heading) {
      block = { kind: 'heading', level: heading[1]!.length, text: heading[2]! }
      at++
    } else if (line.startsWith('```')) [block, at] = takeCode(lines, at)
    else if (/^[-*] /.test(line)) [block, at] = takeList(lines, at)
    else if (line.startsWith('|')) [block, at] = takeTable(lines, at)
    else [block, at] = takeParagraph(lines, at)
    if (block) blocks.push(block)
  }
  return blocks
}

export function parseSpans(text: string): Span[] {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/)
    .filter(Boolean)
    .map((part): Span => {
      if (part.startsWith('`') && part.length > 1) return { kind: 'code', text: part.slice(1, -1) }
      if (part.startsWith('**') && part.length > 3) return { kind: 'strong', text: part.slice(2, -2) }
      if (part.startsWith('*') && part.endsWith('*') && part.length > 2) return { kind: 'em', text: part.slice(1, -1) }
      // A link shows its words: the reference has no pages to go to.
      return { kind: 'text', text: part.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1') }
    })
}
