// What can be written at the cursor of an expression: names from docs/expressions.md, nodes further up, fields that the
// data of the shown run has. Pure, so that it is tested without an editor.
import { isObject, type Json } from '../../document/types'

export interface Known {
  /** Names of the nodes upstream, nearest first, with a sample of what they gave. */
  readonly nodes: readonly { readonly name: string; readonly sample: Json | undefined }[]
  /** A sample of the current item. */
  readonly json: Json | undefined
  readonly variables: readonly string[]
}

export interface Suggestion {
  readonly label: string
  readonly detail?: string
  readonly type: 'variable' | 'property' | 'function' | 'namespace'
}

const ROOTS: readonly Suggestion[] = [
  { label: '$json', type: 'variable' },
  { label: '$input', type: 'variable' },
  { label: '$index', type: 'variable' },
  { label: '$vars', type: 'variable' },
  { label: '$env', type: 'variable' },
  { label: '$now', type: 'variable' },
  { label: '$today', type: 'variable' },
  { label: '$trigger', type: 'variable' },
  { label: '$execution', type: 'variable' },
  { label: '$workflow', type: 'variable' },
]
const SOURCE: readonly Suggestion[] = [
  { label: 'item', type: 'property' },
  { label: 'first()', type: 'function' },
  { label: 'last()', type: 'function' },
  { label: 'all()', type: 'function' },
]

export const quoted = (name: string): string => `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const nodeCall = (name: string): string => `$(${quoted(name)})`

/** `before` is the code from the opening braces to the cursor. */
export function suggest(before: string, known: Known): { readonly from: number; readonly list: readonly Suggestion[] } | undefined {
  const path = /(\$[\w$]*(?:\((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\))?)((?:\.\w+(?:\(\))?|\[\d+\]|\['(?:[^'\\]|\\.)*'\])*)\.(\w*)$/.exec(
    before,
  )
  if (path) return members(path[1]!, path[2]!, path[3]!, before.length, known)
  const root = /\$[\w$]*(?:\('?[^')]*)?$/.exec(before)
  if (!root) return undefined
  const calls = known.nodes.map(({ name }): Suggestion => ({ label: nodeCall(name), type: 'namespace' }))
  return { from: before.length - root[0].length, list: [...ROOTS, ...calls] }
}

function members(root: string, path: string, typed: string, end: number, known: Known) {
  const steps = [...path.matchAll(/\.(\w+)(?:\(\))?|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]/g)].map((step) => step[1] ?? step[2] ?? step[3] ?? '')
  const list = listFor(root, steps, known)
  return list && { from: end - typed.length, list }
}

function listFor(root: string, steps: readonly string[], known: Known): readonly Suggestion[] | undefined {
  if (root === '$json') return fields(at(known.json, steps))
  if (root === '$vars' && steps.length === 0) return known.variables.map((label) => ({ label, type: 'property' as const }))
  const call = /^\$\(['"](.*)['"]\)$/.exec(root)
  if (root !== '$input' && !call) return undefined
  const sample = call ? known.nodes.find(({ name }) => name === call[1]!.replace(/\\(.)/g, '$1'))?.sample : known.json
  if (steps.length === 0) return SOURCE
  const [source, second, ...rest] = steps
  if (source === 'all') return undefined
  if (second === undefined) return [{ label: 'json', type: 'property' }]
  return second === 'json' ? fields(at(sample, rest)) : undefined
}

function at(value: Json | undefined, steps: readonly string[]): Json | undefined {
  let current: Json | undefined = value
  for (const step of steps) {
    if (Array.isArray(current)) current = (current as readonly Json[])[Number(step)]
    else if (isObject(current)) current = current[step]
    else return undefined
  }
  return current
}

function fields(value: Json | undefined): Suggestion[] {
  if (!isObject(value)) return []
  return Object.entries(value)
    .filter(([key]) => /^[A-Za-z_$][\w$]*$/.test(key))
    .map(([label, field]) => ({ label, detail: typeName(field), type: 'property' }))
}

export const typeName = (value: Json | undefined): string =>
  Array.isArray(value) ? 'list' : value === null ? 'null' : isObject(value) ? 'object' : typeof value

/** `.name`, `['odd key']` or `[0]`. */
export const step = (key: string | number): string =>
  typeof key === 'number' ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${quoted(key)}]`
