// Edges as drawn on the canvas: a cached Path2D each, renewed only when an end moved, and the grid for hits.
import { edgeKey, sourcePort, targetPort, type Position, type WorkflowDocument, type WorkflowEdge } from '../document/types'
import { nameOf, positionOf } from '../document/types'
import { graphOf } from '../document/graph'
import type { NodeViews } from '../state/views'
import { NODE_WIDTH, boundsOf, curveOf, nodeHeight, pathOf, portY, type Curve, type Rect } from './geometry'
import { EdgeGrid } from './hit'
import type { Box } from './lod'

export interface DrawnEdge {
  readonly key: string
  readonly index: number
  readonly edge: WorkflowEdge
  readonly curve: Curve
  readonly bounds: Rect
  readonly path: Path2D
}

export interface DrawnBox extends Box {
  readonly name: string
}

export class EdgeLayer {
  edges: DrawnEdge[] = []
  boxes: DrawnBox[] = []
  private byKey = new Map<string, DrawnEdge>()
  private readonly grid = new EdgeGrid()

  constructor(private readonly views: NodeViews) {}

  build(document: WorkflowDocument, dragged: ReadonlyMap<string, Position>): void {
    this.boxes = document.nodes.map((node) => {
      const at = dragged.get(node.id) ?? positionOf(node)
      return { id: node.id, name: nameOf(node), x: at.x, y: at.y, width: NODE_WIDTH, height: this.height(node.id) }
    })
    const boxes = new Map(this.boxes.map((box) => [box.id, box]))
    const before = this.byKey
    this.byKey = new Map()
    this.edges = document.edges.flatMap((edge, index) => {
      const key = edgeKey(edge)
      const drawn = this.draw(edge, key, index, boxes, before.get(key))
      if (!drawn || this.byKey.has(key)) return []
      this.byKey.set(key, drawn)
      return [drawn]
    })
    for (const key of before.keys()) if (!this.byKey.has(key)) this.grid.remove(key)
  }

  get(key: string | undefined): DrawnEdge | undefined {
    return key === undefined ? undefined : this.byKey.get(key)
  }

  edgeAt(point: Position, within: number): string | undefined {
    return this.grid.at(point, within)
  }

  nodeAt(point: Position): string | undefined {
    return this.boxes.findLast((box) => contains(box, point))?.id
  }

  nodesInside(rect: Rect): string[] {
    return this.boxes.filter((box) => within(box, rect)).map((box) => box.id)
  }

  /** The rectangle around some nodes, or around all. */
  extent(ids?: ReadonlySet<string>): Rect | undefined {
    const boxes = ids?.size ? this.boxes.filter((box) => ids.has(box.id)) : this.boxes
    if (boxes.length === 0) return undefined
    const x = Math.min(...boxes.map((box) => box.x))
    const y = Math.min(...boxes.map((box) => box.y))
    return {
      x,
      y,
      width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
      height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
    }
  }

  private height(id: string): number {
    const view = this.views.get(id)
    return nodeHeight(view?.ins.length ?? 1, view?.outs.length ?? 1)
  }

  private draw(
    edge: WorkflowEdge,
    key: string,
    index: number,
    boxes: ReadonlyMap<string, Box>,
    old: DrawnEdge | undefined,
  ): DrawnEdge | undefined {
    const source = boxes.get(edge.source)
    const target = boxes.get(edge.target)
    if (!source || !target) return undefined
    const from = { x: source.x + NODE_WIDTH, y: source.y + this.portAt(edge.source, 'outs', sourcePort(edge), source.height) }
    const to = { x: target.x, y: target.y + this.portAt(edge.target, 'ins', targetPort(edge), target.height) }
    const still = old && equal(old.curve.from, from) && equal(old.curve.to, to)
    if (still) return old.edge === edge && old.index === index ? old : { ...old, edge, index }
    const curve = curveOf(from, to)
    this.grid.put(key, curve)
    return { key, index, edge, curve, bounds: boundsOf(curve), path: new Path2D(pathOf(curve)) }
  }

  private portAt(id: string, side: 'ins' | 'outs', port: string, height: number): number {
    const ports = this.views.get(id)?.[side] ?? [port]
    return portY(Math.max(0, ports.indexOf(port)), ports.length, height)
  }
}

const equal = (a: Position, b: Position): boolean => a.x === b.x && a.y === b.y
const contains = (rect: Rect, at: Position): boolean =>
  at.x >= rect.x && at.x <= rect.x + rect.width && at.y >= rect.y && at.y <= rect.y + rect.height

const within = (box: Rect, rect: Rect): boolean =>
  box.x >= rect.x && box.y >= rect.y && box.x + box.width <= rect.x + rect.width && box.y + box.height <= rect.y + rect.height

/** Edges that a given node ends in or begins from: the ones to emphasise while it is selected. */
export function touching(document: WorkflowDocument, ids: ReadonlySet<string>): Set<string> {
  const graph = graphOf(document)
  const keys = new Set<string>()
  for (const id of ids) {
    for (const edge of graph.out.get(id) ?? []) keys.add(edgeKey(edge))
    for (const edge of graph.into.get(id) ?? []) keys.add(edgeKey(edge))
  }
  return keys
}
