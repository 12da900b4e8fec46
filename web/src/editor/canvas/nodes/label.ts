// The name of a node card for those who hear it: name, type, state, what is wrong, where it leads.
import { graphOf, incoming, outgoing } from '../../document/graph'
import { typeTitle } from '../../document/nodeTypes'
import { nameOf } from '../../document/types'
import { itemCount, type NodeRun } from '../../run/events'
import type { Editor } from '../../state/editor'
import type { NodeView } from '../../state/views'

type Translate = (key: string, named: Record<string, unknown>, plural?: number) => string

export function nodeLabel(editor: Editor, view: NodeView, run: NodeRun | undefined, t: Translate, locale: string): string {
  const { node, type } = view
  const graph = graphOf(editor.document.value)
  const parts = [nameOf(node), type ? typeTitle(type, locale) : node.type]
  if (node.disabled) parts.push(t('editor.said.disabled', {}))
  if (node.pinned) parts.push(t('editor.said.pinned', {}))
  if (run) parts.push(t(`editor.state.${run.status}`, {}))
  const count = itemCount(run)
  if (count !== undefined) parts.push(t('editor.items', { n: count }, count))
  const faults = editor.nodeProblems.value.get(node.id)?.length ?? 0
  if (faults) parts.push(t('editor.problem_count', { n: faults }, faults))
  const [from, to] = [incoming(graph, node.id).length, outgoing(graph, node.id).length]
  parts.push(t('editor.said.edges', { from, to }))
  return parts.join(', ')
}
