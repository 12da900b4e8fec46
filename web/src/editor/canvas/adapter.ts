// The one file that knows Vue Flow. The document is the truth: the library gets nodes from it, and what a person does
// with the library comes back as calls of `Flow`'s handlers, never as a change the library keeps for itself.
import { useVueFlow, type GraphNode, type NodeChange } from '@vue-flow/core'
import { shallowRef, type ShallowRef } from 'vue'
import { positionOf, type Position, type WorkflowDocument, type WorkflowEdge, type WorkflowNode } from '../document/types'
import { snapped, type Rect } from './geometry'
import type { Size, Viewport } from './lod'

export { VueFlow } from '@vue-flow/core'
export { Handle, Position as Side } from '@vue-flow/core'

export interface FlowHandlers {
  readonly selected: (ids: ReadonlySet<string>) => void
  /** A frame was drawn around a rectangle of the canvas. */
  readonly framed: (rect: Rect) => void
  readonly moved: (to: Readonly<Record<string, Position>>) => void
  readonly connected: (edge: WorkflowEdge) => void
  /** A connection was let go over empty canvas; `port` is one of the node's outputs or inputs. */
  readonly dropped: (from: { node: string; port: string; output: boolean }, at: Position) => void
}

const placed = ({ computedPosition: { x, y } }: GraphNode) => ({ left: `${x}px`, top: `${y}px` })

const FLOW_ID = 'mbflow'

export class Flow {
  private readonly vue = useVueFlow(FLOW_ID)
  private readonly placed = new Map<string, Position>()
  private selection: ReadonlySet<string> = new Set()
  /** Places of what is being dragged, ahead of the document. */
  readonly dragged: ShallowRef<ReadonlyMap<string, Position>> = shallowRef(new Map())
  private fitted: Viewport | undefined
  private frameFrom: Position | undefined
  private document: WorkflowDocument | undefined
  private from: { node: string; port: string; output: boolean } | undefined

  constructor(private readonly handlers: FlowHandlers) {
    this.vue.onNodesChange((changes) => this.changed(changes))
    this.vue.onNodeDragStop(() => this.dragEnded())
    this.vue.onSelectionDragStop(() => this.dragEnded())
    this.vue.onSelectionStart((event) => (this.frameFrom = this.place(event)))
    this.vue.onSelectionEnd((event) => this.frameEnded(event))
    this.vue.onConnect((made) => {
      this.from = undefined
      handlers.connected({
        source: made.source,
        target: made.target,
        source_port: made.sourceHandle ?? 'main',
        target_port: made.targetHandle ?? 'main',
      })
    })
    this.vue.onConnectStart(({ nodeId, handleId, handleType }) => {
      this.from = nodeId ? { node: nodeId, port: handleId ?? 'main', output: handleType === 'source' } : undefined
    })
    this.vue.onConnectEnd((event) => this.connectEnded(event))
  }

  get viewport(): Viewport {
    return this.vue.viewport.value
  }
  get size(): Size {
    return this.vue.dimensions.value
  }
  get connecting(): boolean {
    return this.vue.connectionStartHandle.value !== null
  }

  /** Brings the library's nodes in line with those of the document that have cards, touching only what differs. */
  sync(document: WorkflowDocument, shown: ReadonlySet<string>): void {
    this.document = document
    const gone = new Set(this.placed.keys())
    const fresh: WorkflowNode[] = []
    for (const node of document.nodes) {
      if (!shown.has(node.id) && !this.dragged.value.has(node.id)) continue
      gone.delete(node.id)
      const at = positionOf(node)
      const was = this.placed.get(node.id)
      if (!was) fresh.push(node)
      else if (was.x !== at.x || was.y !== at.y) this.vue.updateNode(node.id, { position: { ...at } })
      this.placed.set(node.id, at)
    }
    if (gone.size) this.vue.removeNodes([...gone], false)
    for (const id of gone) this.placed.delete(id)
    if (fresh.length) this.add(fresh)
  }

  private add(nodes: readonly WorkflowNode[]): void {
    const shaped = nodes.map((node) => ({
      id: node.id,
      type: 'step',
      position: { ...positionOf(node) },
      style: placed,
      selected: this.selection.has(node.id),
      // The card has its own role and name; the library's wrapper adds none.
      domAttributes: { 'aria-roledescription': undefined },
    }))
    if (this.vue.nodes.value.length) this.vue.addNodes(shaped)
    else this.vue.setNodes(shaped)
  }

  /** After ports came or went: the library looks again where the handles are. */
  remeasure(ids: readonly string[]): void {
    this.vue.updateNodeInternals([...ids])
  }

  select(ids: ReadonlySet<string>): void {
    const changes: NodeChange[] = []
    for (const id of ids) if (!this.selection.has(id)) changes.push({ id, type: 'select', selected: true })
    for (const id of this.selection) if (!ids.has(id)) changes.push({ id, type: 'select', selected: false })
    this.selection = ids
    if (changes.length) this.vue.applyNodeChanges(changes)
    if (ids.size < 2) this.vue.nodesSelectionActive.value = false
  }

  private changed(changes: readonly NodeChange[]): void {
    const moves = new Map(this.dragged.value)
    const next = new Set(this.selection)
    for (const change of changes) {
      if (change.type === 'position' && change.dragging && change.position) {
        change.position = snapped(change.position)
        moves.set(change.id, change.position)
      }
      if (change.type === 'select') next[change.selected ? 'add' : 'delete'](change.id)
    }
    this.vue.applyNodeChanges([...changes])
    this.takeAlong(moves)
    if (moves.size) this.dragged.value = moves
    if (changes.some((change) => change.type === 'select')) {
      this.selection = next
      this.handlers.selected(next)
    }
  }

  /** What is selected but has no card is unknown to the library: it goes as far as the others. */
  private takeAlong(moves: Map<string, Position>): void {
    const [first] = moves
    const from = first && this.placed.get(first[0])
    if (!first || !from || !this.selection.has(first[0])) return
    const [dx, dy] = [first[1].x - from.x, first[1].y - from.y]
    for (const node of this.document?.nodes ?? []) {
      if (!this.selection.has(node.id) || this.placed.has(node.id)) continue
      const at = positionOf(node)
      moves.set(node.id, { x: at.x + dx, y: at.y + dy })
    }
  }

  /** Nodes moved together by something that is no card; `drop` makes it a move of the document. */
  shift(ids: ReadonlySet<string>, by: Position): void {
    const { x: dx, y: dy } = snapped(by)
    const moves = new Map<string, Position>()
    for (const node of this.document?.nodes ?? []) {
      if (!ids.has(node.id)) continue
      const at = { x: positionOf(node).x + dx, y: positionOf(node).y + dy }
      moves.set(node.id, at)
      if (this.placed.has(node.id)) this.vue.updateNode(node.id, { position: { ...at } })
    }
    this.dragged.value = moves
  }

  drop(): void {
    this.dragEnded()
  }

  private place({ clientX: x, clientY: y }: MouseEvent): Position {
    return this.toFlow({ x, y })
  }

  private frameEnded(event: MouseEvent): void {
    const [from, to] = [this.frameFrom, this.place(event)]
    this.frameFrom = undefined
    if (!from) return
    const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)]
    this.handlers.framed({ x, y, width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) })
  }

  private dragEnded(): void {
    const moves = this.dragged.value
    if (moves.size === 0) return
    this.dragged.value = new Map()
    for (const [id, at] of moves) if (this.placed.has(id)) this.placed.set(id, at)
    this.handlers.moved(Object.fromEntries(moves))
  }

  private connectEnded(event: MouseEvent | TouchEvent | undefined): void {
    const { from } = this
    this.from = undefined
    if (!from || !event) return
    const point = 'changedTouches' in event ? event.changedTouches[0] : event
    if (!point || !(event.target instanceof Element) || !event.target.closest('.vue-flow__pane')) return
    this.handlers.dropped(from, this.toFlow({ x: point.clientX, y: point.clientY }))
  }

  toFlow(screen: Position): Position {
    return this.vue.screenToFlowCoordinate(screen)
  }

  toScreen(at: Position): Position {
    return this.vue.flowToScreenCoordinate(at)
  }

  zoomBy(factor: number): void {
    void this.vue.zoomTo(this.viewport.zoom * factor, { duration: 0 })
  }

  zoomTo(zoom: number): void {
    void this.vue.zoomTo(zoom, { duration: 0 })
  }

  fit(rect: Rect | undefined, maxZoom = 1): void {
    const { width, height } = this.size
    if (!rect || width === 0) return
    const zoom = Math.min(maxZoom, Math.max(0.05, Math.min(width / (rect.width + 96), height / (rect.height + 96))))
    const x = width / 2 - (rect.x + rect.width / 2) * zoom
    const y = height / 2 - (rect.y + rect.height / 2) * zoom
    this.fitted = { x, y, zoom }
    void this.vue.setViewport({ x, y, zoom })
  }

  /** Whether everything is still shown as it was fitted: nobody has panned or zoomed since. */
  get untouched(): boolean {
    const { fitted, viewport } = this
    return fitted !== undefined && fitted.x === viewport.x && fitted.y === viewport.y && fitted.zoom === viewport.zoom
  }

  moveTo(viewport: Viewport): void {
    void this.vue.setViewport({ ...viewport })
  }

  /** Scrolls only as far as is needed for the rectangle to be seen whole. */
  reveal(rect: Rect): void {
    const { x, y, zoom } = this.viewport
    const margin = 40
    const shift = (from: number, length: number, room: number) => {
      if (from < margin) return margin - from
      return from + length > room - margin ? Math.max(margin - from, room - margin - from - length) : 0
    }
    const dx = shift(rect.x * zoom + x, rect.width * zoom, this.size.width)
    const dy = shift(rect.y * zoom + y, rect.height * zoom, this.size.height)
    if (dx || dy) void this.vue.setViewport({ x: x + dx, y: y + dy, zoom })
  }

  centre(): Position {
    const { x, y, zoom } = this.viewport
    return { x: (this.size.width / 2 - x) / zoom, y: (this.size.height / 2 - y) / zoom }
  }
}
