// Problems of a document: those the server names (POST /workflows/validate) and those the editor sees by itself at once.
// Both are brought to one shape: which node or edge, which field of it.
import { nameOf, edgeKey, type WorkflowDocument } from './types'
import { joinPointer, splitPointer } from './pointer'

export type Severity = 'error' | 'warning'

export interface Fault {
  readonly code: string
  readonly message: string
  readonly at?: string
}

export interface Problem {
  readonly severity: Severity
  readonly code: string
  /** What the server said; undefined for the editor's own, which are translated by their code. */
  readonly message?: string
  readonly args?: Readonly<Record<string, string>>
  /** JSON pointer into the document. */
  readonly at: string
  readonly node?: string
  readonly nodeName?: string
  readonly edge?: string
  /** JSON pointer inside the node, such as /config/url. */
  readonly field?: string
}

export function placed(document: WorkflowDocument, problem: Problem): Problem {
  const [list, index, ...rest] = splitPointer(problem.at)
  if (list === 'nodes') {
    const node = document.nodes[Number(index)]
    if (!node) return problem
    const field = rest.length ? joinPointer(...rest) : undefined
    return { ...problem, node: node.id, nodeName: nameOf(node), ...(field ? { field } : {}) }
  }
  if (list === 'edges') {
    const edge = document.edges[Number(index)]
    return edge ? { ...problem, edge: edgeKey(edge) } : problem
  }
  return problem
}

export function fromServer(document: WorkflowDocument, errors: readonly Fault[], warnings: readonly Fault[]): Problem[] {
  const shaped = (severity: Severity) => (fault: Fault) =>
    placed(document, { severity, code: fault.code, message: fault.message, at: fault.at ?? '' })
  return [...errors.map(shaped('error')), ...warnings.map(shaped('warning'))]
}

/** The server's word counts: what the editor says of a place the server also names is left out. */
export function combined(server: readonly Problem[], own: readonly Problem[]): Problem[] {
  const told = new Set(server.map((problem) => problem.at))
  const all = [...server, ...own.filter((problem) => !told.has(problem.at))]
  const rank = (problem: Problem) => (problem.severity === 'error' ? 0 : 1)
  return all.sort((a, b) => rank(a) - rank(b))
}

export function problemsByNode(problems: readonly Problem[]): Map<string, Problem[]> {
  const map = new Map<string, Problem[]>()
  for (const problem of problems) {
    if (!problem.node) continue
    const list = map.get(problem.node)
    if (list) list.push(problem)
    else map.set(problem.node, [problem])
  }
  return map
}

/** Problems of one field and of what lies in it. */
export function problemsAt(problems: readonly Problem[], field: string): Problem[] {
  return problems.filter((problem) => problem.field === field || problem.field?.startsWith(`${field}/`))
}
