// `$('Node name')` inside {{ … }}: finding such references and making them follow a rename.
import type { Json, WorkflowDocument, WorkflowNode } from './types'
import { isObject } from './types'

// A call of $ with one quoted name. `(?<![\w$])` keeps `foo$('x')` out.
const REFERENCE = /(?<![\w$])\$\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\$]|\\.)*)`)\s*\)/g

const unquote = (text: string): string => text.replace(/\\(.)/g, '$1')
const quote = (name: string): string => `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** The parts of a text that are code: [from, to) between `{{` and `}}`, quotes inside the braces respected. */
export function codeSpans(text: string): [number, number][] {
  const spans: [number, number][] = []
  let at = 0
  for (;;) {
    const open = text.indexOf('{{', at)
    if (open < 0) return spans
    if (text[open - 1] === '\\') {
      at = open + 2
      continue
    }
    const close = closingBraces(text, open + 2)
    if (close < 0) return spans
    spans.push([open + 2, close])
    at = close + 2
  }
}

function closingBraces(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    const c = text[i]!
    if (c === "'" || c === '"' || c === '`') i = endOfString(text, i)
    else if (c === '{') depth++
    else if (c === '}' && depth === 0 && text[i + 1] === '}') return i
    else if (c === '}' && depth > 0) depth--
  }
  return -1
}

function endOfString(text: string, from: number): number {
  const quoteMark = text[from]
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === quoteMark) return i
  }
  return text.length
}

export function referencesIn(text: string): string[] {
  const names: string[] = []
  for (const [from, to] of codeSpans(text)) {
    for (const found of text.slice(from, to).matchAll(REFERENCE)) {
      names.push(unquote(found[1] ?? found[2] ?? found[3] ?? ''))
    }
  }
  return names
}

export function renameInText(text: string, names: ReadonlyMap<string, string>): string {
  if (!text.includes('$(')) return text
  let out = ''
  let at = 0
  for (const [from, to] of codeSpans(text)) {
    out += text.slice(at, from)
    out += text.slice(from, to).replace(REFERENCE, (whole, a?: string, b?: string, c?: string) => {
      const next = names.get(unquote(a ?? b ?? c ?? ''))
      return next === undefined ? whole : `$(${quote(next)})`
    })
    at = to
  }
  return out + text.slice(at)
}

/** Renames in every text of a value; what holds no such reference is returned as it is, not copied. */
export function renameInValue<T extends Json | undefined>(value: T, names: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') return renameInText(value, names) as T
  if (Array.isArray(value)) {
    const next = value.map((item: Json) => renameInValue(item, names))
    return (next.some((item, i) => item !== value[i]) ? next : value) as T
  }
  if (!isObject(value)) return value
  // {"$literal": x} is data: nothing in it is evaluated.
  if ('$literal' in value) return value
  let changed = false
  const entries = Object.entries(value).map(([key, item]) => {
    const next = renameInValue(item, names)
    changed ||= next !== item
    return [key, next] as const
  })
  return (changed ? Object.fromEntries(entries) : value) as T
}

/** Only the config and the conditions hold expressions; notes and pinned items are data. */
export function renameReferences(document: WorkflowDocument, names: ReadonlyMap<string, string>): WorkflowDocument {
  const nodes = document.nodes.map((node) => renameInNode(node, names))
  const edges = document.edges.map((edge) => {
    const condition = renameInValue(edge.condition, names)
    return condition === undefined || condition === edge.condition ? edge : { ...edge, condition }
  })
  return { ...document, nodes, edges }
}

export function renameInNode(node: WorkflowNode, names: ReadonlyMap<string, string>): WorkflowNode {
  const config = renameInValue(node.config, names)
  return config === undefined || config === node.config ? node : { ...node, config }
}
