import type { NodeType } from '@/api/types'

export interface NodePage {
  type: string
  group: string
  title: string
  summary: string
  docs: string
  icon: string
  ports: string
  /** Title and text lower-cased, to search in. */
  words: string
}

function portsOf(outputs: NodeType['outputs']): string {
  return Array.isArray(outputs) ? outputs.join(', ') : ['…', ...outputs.also].join(', ')
}

/** The page of a node type in one language; what is not translated stays English. */
export function localize(type: NodeType, language: string): NodePage {
  const texts = language === 'ru' ? type.texts.ru : undefined
  const title = texts?.title ?? type.title
  const summary = texts?.summary ?? type.summary
  return {
    type: type.type,
    group: type.group,
    title,
    summary,
    docs: (language === 'ru' ? type.docs.ru : undefined) ?? type.docs.en,
    icon: type.icon,
    ports: portsOf(type.outputs),
    words: `${type.type} ${title} ${type.title} ${summary}`.toLowerCase(),
  }
}
