// What each node card shows, one shallow ref per node: an edit wakes the cards it changed and no others.
import { shallowRef, type ShallowRef } from 'vue'
import { graphOf, incoming, outgoing } from '../document/graph'
import { inputPorts, outputPorts, type NodeType, type NodeTypes } from '../document/nodeTypes'
import type { WorkflowDocument, WorkflowNode } from '../document/types'

export interface NodeView {
  readonly node: WorkflowNode
  readonly type: NodeType | undefined
  readonly ins: readonly string[]
  readonly outs: readonly string[]
}

export class NodeViews {
  private readonly views = new Map<string, ShallowRef<NodeView | undefined>>()

  of(id: string): ShallowRef<NodeView | undefined> {
    let view = this.views.get(id)
    if (!view) this.views.set(id, (view = shallowRef<NodeView | undefined>()))
    return view
  }

  get(id: string): NodeView | undefined {
    return this.views.get(id)?.value
  }

  update(document: WorkflowDocument, types: NodeTypes): void {
    const graph = graphOf(document)
    for (const node of document.nodes) {
      const type = types.get(node.type)
      const ins = inputPorts(type, incoming(graph, node.id))
      const outs = outputPorts(node, type, outgoing(graph, node.id))
      const view = this.of(node.id)
      const old = view.value
      const unchanged = old && old.node === node && old.type === type && equal(old.ins, ins) && equal(old.outs, outs)
      if (!unchanged) view.value = { node, type, ins, outs }
    }
    for (const [id, view] of this.views) {
      if (graph.nodes.has(id)) continue
      view.value = undefined
      this.views.delete(id)
    }
  }
}

const equal = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item, i) => item === b[i])
