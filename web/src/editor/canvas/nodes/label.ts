// The name of a node card for those who hear it: first what is seen on the card, in the same words and order (WCAG 2.5.3), then what only colours and
// lines tell.
import { graphOf, incoming, outgoing } from '../../document/graph'
import { portTitle, typeTitle } from '../../document/nodeTypes'
import { ERROR_PORT, nameOf } from '../../document/types'
import { duration, formatDuration, itemCount, type NodeRun } from '../../run/events'
import type { Editor } from '../../state/editor'
import type { NodeView } from '../../state/views'

type Translate = (key: string, named: Record<string, unknown>, plural?: number) => string

/** The second line of the card. */
export function cardText(view: NodeView, run: NodeRun | undefined, t: Translate, locale: string): string[] {
  if (run?.status === 'failed' && run.error) return [run.error.message]
  const title = view.type ? typeTitle(view.type, locale) : view.node.type
  const count = itemCount(run)
  return [nameOf(view.node) === title ? '' : title, count === undefined ? '' : t('editor.items', { n: count }, count)].filter(Boolean)
}

/** How often and how long it ran, as the card says it. */
export function cardRun(run: NodeRun | undefined): { attempt: string; time: string } {
  const ms = duration(run)
  return { attempt: run && run.attempt > 1 ? `×${run.attempt}` : '', time: ms === undefined ? '' : formatDuration(ms) }
}

/** The names beside the ways out, when there are several. */
export function cardPorts(view: NodeView, t: Translate, locale: string): string[] {
  if (view.outs.length < 2) return []
  return view.outs.map((port) => (port === ERROR_PORT ? t('editor.port.error', {}) : portTitle(view.type, port, locale)))
}

export function nodeLabel(editor: Editor, view: NodeView, run: NodeRun | undefined, t: Translate, locale: string): string {
  const { node } = view
  const graph = graphOf(editor.document.value)
  const { attempt, time } = cardRun(run)
  const parts = [nameOf(node), ...cardText(view, run, t, locale), attempt, time].filter(Boolean)
  parts.push(...cardPorts(view, t, locale))
  if (node.disabled) parts.push(t('editor.said.disabled', {}))
  if (node.pinned) parts.push(t('editor.said.pinned', {}))
  if (run) parts.push(t(`editor.state.${run.status}`, {}))
  const faults = editor.nodeProblems.value.get(node.id)?.length ?? 0
  if (faults) parts.push(t('editor.problem_count', { n: faults }, faults))
  const [from, to] = [incoming(graph, node.id).length, outgoing(graph, node.id).length]
  parts.push(t('editor.said.edges', { from, to }))
  return parts.join(', ')
}
