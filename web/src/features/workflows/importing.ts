import type { Fault } from '@/api/types'

export type Parsed = { document: Record<string, unknown> | Blob } | { fault: string }

const isDiagram = (text: string): boolean => /^\s*(%%.*\n\s*)*(flowchart|graph)\b/.test(text)

/** JSON is tried first when it looks like it, a Mermaid diagram is the server's to read; all else is YAML, which is only fetched then. */
export async function parseDocument(text: string): Promise<Parsed> {
  if (!text.trim()) return { fault: '' }
  if (isDiagram(text)) return { document: new Blob([text], { type: 'text/vnd.mermaid' }) }
  try {
    const value: unknown = /^\s*[[{]/.test(text) ? JSON.parse(text) : (await import('yaml')).parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fault: 'not an object' }
    return { document: value as Record<string, unknown> }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  }
}

interface Named {
  id?: string
  name?: string
  source?: string
  target?: string
}

export interface PlacedFault extends Fault {
  /** The node or the edge it is about, as people call it. */
  subject: string
  /** What is left of the pointer within it. */
  field: string
}

/** "/nodes/2/config/url" means little to a person: node "Fetch", field config/url. */
export function placeFaults(faults: readonly Fault[], document: unknown): PlacedFault[] {
  const outer = document as { workflow?: unknown }
  const inner = (outer.workflow ?? outer) as { nodes?: Named[]; edges?: Named[] }
  return faults.map((fault) => {
    const [, , list, index, rest] = /^(\/workflow)?\/(nodes|edges)\/(\d+)(?:\/(.*))?$/.exec(fault.at) ?? []
    if (!list) return { ...fault, subject: '', field: fault.at.replace(/^\//, '') }
    const one = inner[list as 'nodes' | 'edges']?.[Number(index)]
    const subject = list === 'nodes' ? (one?.name ?? one?.id) : one?.source && `${one.source} → ${one.target}`
    return { ...fault, subject: subject ?? `${list}/${index}`, field: rest ?? '' }
  })
}
