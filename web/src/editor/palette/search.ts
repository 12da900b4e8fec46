// Finding a node type by a few letters in either language: the start of a word counts most, letters in order at least.
import type { NodeType } from '../document/nodeTypes'

/** How well a text fits; undefined when it does not. */
export function score(text: string, query: string): number | undefined {
  const hay = text.toLowerCase()
  const needle = query.toLowerCase().trim()
  if (needle === '') return 0
  const at = hay.indexOf(needle)
  if (at === 0) return 100 - hay.length / 100
  if (at > 0) return (/[\s_-]/.test(hay[at - 1]!) ? 80 : 60) - at / 100
  return lettersInOrder(hay, needle)
}

function lettersInOrder(hay: string, needle: string): number | undefined {
  let at = -1
  let gaps = 0
  for (const letter of needle.replaceAll(' ', '')) {
    const next = hay.indexOf(letter, at + 1)
    if (next < 0) return undefined
    gaps += at < 0 ? next : next - at - 1
    at = next
  }
  return gaps > needle.length * 3 ? undefined : 30 - gaps
}

/** The type's own words in every language: whoever learnt English names finds them in a Russian interface too. */
function words(type: NodeType): { text: string; weight: number }[] {
  const titles = [type.title, type.type.replaceAll('_', ' '), ...Object.values(type.texts ?? {}).map((texts) => texts.title ?? '')]
  const summaries = [type.summary, ...Object.values(type.texts ?? {}).map((texts) => texts.summary ?? '')]
  return [...titles.map((text) => ({ text, weight: 1 })), ...summaries.map((text) => ({ text, weight: 0.4 }))]
}

export function findTypes(types: readonly NodeType[], query: string): NodeType[] {
  const ranked = types.flatMap((type) => {
    const scores = words(type).flatMap(({ text, weight }) => {
      // Letters scattered over a sentence mean nothing: summaries must hold the query itself.
      const value = weight < 1 && !text.toLowerCase().includes(query.toLowerCase().trim()) ? undefined : score(text, query)
      return value === undefined ? [] : [value * weight]
    })
    return scores.length ? [{ type, score: Math.max(...scores) }] : []
  })
  return ranked.sort((a, b) => b.score - a.score || a.type.type.localeCompare(b.type.type)).map(({ type }) => type)
}

const ORDER = ['trigger', 'call', 'data', 'flow', 'ai']

export interface TypeGroup {
  readonly group: string
  readonly types: readonly NodeType[]
}

/** Known groups first and in this order; a group of a plug-in comes after them under its own name. */
export function grouped(types: readonly NodeType[]): TypeGroup[] {
  const groups = new Map<string, NodeType[]>()
  for (const type of types) groups.set(type.group, [...(groups.get(type.group) ?? []), type])
  const rank = (group: string) => (ORDER.includes(group) ? ORDER.indexOf(group) : ORDER.length)
  return [...groups]
    .map(([group, list]) => ({ group, types: list }))
    .sort((a, b) => rank(a.group) - rank(b.group) || a.group.localeCompare(b.group))
}

const KEY = 'mbflow.editor.recent-types'
const LONGEST = 5

export function recentTypes(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((item) => typeof item === 'string').slice(0, LONGEST) : []
  } catch {
    return []
  }
}

export function rememberType(type: string): void {
  localStorage.setItem(KEY, JSON.stringify([type, ...recentTypes().filter((other) => other !== type)].slice(0, LONGEST)))
}
