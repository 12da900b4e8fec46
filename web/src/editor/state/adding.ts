// A node type chosen in the palette becomes a node: where it goes, how it is called, what it is connected to.
import { freePlace, NODE_HEIGHT, NODE_WIDTH } from '../canvas/geometry'
import type { Command } from '../document/commands'
import { graphOf, outgoing } from '../document/graph'
import { uniqueId, uniqueName } from '../document/names'
import { declaredOutputs, initialConfig, typeTitle, type NodeType } from '../document/nodeTypes'
import {
  ERROR_PORT,
  MAIN,
  edgeKey,
  nameOf,
  positionOf,
  sourcePort,
  type Position,
  type WorkflowDocument,
  type WorkflowEdge,
  type WorkflowNode,
} from '../document/types'
import type { Editor } from './editor'
import type { AddRequest } from './ui'

const GAP = 112

export function addNode(editor: Editor, type: NodeType, request: AddRequest, centre: Position, locale: string): string | undefined {
  const document = editor.document.value
  const node = newNode(document, type, placeFor(document, request, centre), locale)
  const added = editor.run(commandFor(editor, node, type, request))
  if (!added) return undefined
  editor.focus(node.id)
  const from = request.after && editor.nameOfId(request.after.node)
  editor.announce(from ? 'editor.said.added_after' : 'editor.said.added', { name: nameOf(node), ...(from ? { from } : {}) })
  return node.id
}

function newNode(document: WorkflowDocument, type: NodeType, position: Position, locale: string): WorkflowNode {
  const id = uniqueId(type.type, new Set(document.nodes.map((node) => node.id)))
  const name = uniqueName(typeTitle(type, locale), new Set(document.nodes.map(nameOf)))
  const config = initialConfig(type)
  return { id, name, type: type.type, ...(Object.keys(config).length ? { config } : {}), position: { ...position } }
}

function placeFor(document: WorkflowDocument, request: AddRequest, centre: Position): Position {
  const taken = document.nodes.map(positionOf)
  const { nodes } = graphOf(document)
  const after = request.after && nodes.get(request.after.node)
  const before = request.before && nodes.get(request.before.node)
  if (request.at) return freePlace({ x: request.at.x, y: request.at.y - NODE_HEIGHT / 2 }, taken)
  if (after) return freePlace({ x: positionOf(after).x + NODE_WIDTH + GAP, y: positionOf(after).y }, taken)
  if (before) return freePlace({ x: positionOf(before).x - NODE_WIDTH - GAP, y: positionOf(before).y }, taken)
  const edge = request.edge ? document.edges.find((other) => edgeKey(other) === request.edge) : undefined
  const [source, target] = [edge && nodes.get(edge.source), edge && nodes.get(edge.target)]
  if (source && target) return freePlace(between(positionOf(source), positionOf(target)), taken)
  return freePlace({ x: centre.x - NODE_WIDTH / 2, y: centre.y - NODE_HEIGHT / 2 }, taken)
}

const between = (a: Position, b: Position): Position => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })

function commandFor(editor: Editor, node: WorkflowNode, type: NodeType, request: AddRequest): Command {
  const input = type.inputs[0]
  const output = declaredOutputs(type, node.config)[0]
  if (request.edge && input && output) return { type: 'insert', key: request.edge, node, ports: { in: input, out: output } }
  const edges: WorkflowEdge[] = []
  if (request.after && input) {
    edges.push({
      source: request.after.node,
      source_port: request.after.port ?? freeOutput(editor, request.after.node),
      target: node.id,
      target_port: input,
    })
  }
  if (request.before && output)
    edges.push({ source: node.id, source_port: output, target: request.before.node, target_port: request.before.port ?? MAIN })
  return { type: 'add', node, edges }
}

/** The first output that leads nowhere yet: of `true` and `false`, the second node added takes the second. */
function freeOutput(editor: Editor, id: string): string {
  const outs = (editor.views.get(id)?.outs ?? []).filter((port) => port !== ERROR_PORT)
  const used = new Set(outgoing(graphOf(editor.document.value), id).map(sourcePort))
  return outs.find((port) => !used.has(port)) ?? outs[0] ?? MAIN
}
