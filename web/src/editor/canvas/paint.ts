// Drawing on the canvas under the cards: edges, their labels, and from afar the cards themselves as boxes.
import { formatDuration, duration, type NodeStatus, type RunState } from '../run/events'
import { sourcePort, type WorkflowEdge } from '../document/types'
import { ERROR_PORT } from '../document/types'
import type { DrawnBox, DrawnEdge, EdgeLayer } from './edgeLayer'
import { GRID, NODE_WIDTH, overlaps, pointAt, type Rect } from './geometry'
import { FAR_ZOOM, LABEL_ZOOM, visibleRect, type Size, type Viewport } from './lod'

export interface Colours {
  readonly ground: string
  readonly edge: string
  readonly card: string
  readonly border: string
  readonly text: string
  readonly muted: string
  readonly accent: string
  readonly dots: string
  readonly failed: string
  readonly state: Readonly<Record<string, string>>
}

export interface Scene {
  readonly viewport: Viewport
  readonly size: Size
  readonly ratio: number
  readonly colours: Colours
  readonly run: RunState | undefined
  readonly selection: ReadonlySet<string>
  /** Nodes that have a card: the others are drawn here. */
  readonly cards: ReadonlySet<string>
  /** Edges drawn as SVG above: not drawn here. */
  readonly lifted: ReadonlySet<string>
  readonly items: (count: number) => string
}

export function paint(context: CanvasRenderingContext2D, layer: EdgeLayer, scene: Scene): void {
  const { viewport, size, ratio } = scene
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.fillStyle = scene.colours.ground
  context.fillRect(0, 0, size.width * ratio, size.height * ratio)
  if (viewport.zoom >= 0.5) paintDots(context, scene)
  context.setTransform(ratio * viewport.zoom, 0, 0, ratio * viewport.zoom, viewport.x * ratio, viewport.y * ratio)
  const seen = visibleRect(viewport, size)
  const edges = layer.edges.filter((drawn) => overlaps(drawn.bounds, seen))
  paintEdges(context, edges, scene)
  paintBoxes(context, layer, seen, scene)
  if (viewport.zoom >= LABEL_ZOOM && scene.run) paintLabels(context, edges, scene, scene.run)
}

/** On whole pixels and of one colour: that is the fast way without a graphics card, where a pattern is the slow one. */
function paintDots(context: CanvasRenderingContext2D, { viewport, size, ratio, colours }: Scene): void {
  let step = 2 * GRID * viewport.zoom * ratio
  while (step < 16 * ratio) step *= 2
  const first = (offset: number) => (((offset * ratio) % step) + step) % step
  const dot = Math.max(1, Math.round(1.5 * viewport.zoom * ratio))
  context.fillStyle = colours.dots
  for (let x = first(viewport.x); x < size.width * ratio; x += step) {
    for (let y = first(viewport.y); y < size.height * ratio; y += step) context.fillRect(Math.round(x), Math.round(y), dot, dot)
  }
}

/** One style at a time: switching strokes is what costs, so edges are drawn by their look. */
function paintEdges(context: CanvasRenderingContext2D, edges: readonly DrawnEdge[], scene: Scene): void {
  const looks = new Map<string, { look: Look; drawn: DrawnEdge[] }>()
  for (const drawn of edges) {
    if (scene.lifted.has(drawn.key)) continue
    const look = lookOf(drawn, scene)
    const key = `${look.colour} ${look.dashed}`
    const group = looks.get(key)
    if (group) group.drawn.push(drawn)
    else looks.set(key, { look, drawn: [drawn] })
  }
  const { zoom } = scene.viewport
  for (const { look, drawn } of looks.values()) {
    context.strokeStyle = look.colour
    // Below a pixel a line is drawn the fast way.
    context.lineWidth = zoom < FAR_ZOOM ? 1 / zoom : 1.75
    context.setLineDash(look.dashed && zoom >= FAR_ZOOM ? [6, 5] : [])
    for (const edge of drawn) context.stroke(edge.path)
    if (zoom >= FAR_ZOOM) paintArrows(context, drawn, look.colour)
  }
  context.setLineDash([])
}

export interface Look {
  readonly colour: string
  readonly dashed: boolean
}

export function lookOf(drawn: DrawnEdge, { colours, run }: Pick<Scene, 'colours' | 'run'>): Look {
  const failing = sourcePort(drawn.edge) === ERROR_PORT
  if (!run) return { colour: failing ? colours.failed : colours.edge, dashed: false }
  const count = passedItems(drawn, run)
  const status = run.nodes.get(drawn.edge.source)?.status
  if (status === undefined || count === undefined) return { colour: colours.edge, dashed: status === 'skipped' }
  // A branch that no item took is dashed, whatever became of its source.
  if (count === 0) return { colour: colours.edge, dashed: true }
  return { colour: colours.state[status] ?? colours.edge, dashed: false }
}

export function passedItems(drawn: { edge: WorkflowEdge; index: number }, run: RunState): number | undefined {
  const source = run.nodes.get(drawn.edge.source)
  if (!source) return undefined
  const passed = run.passed.get(drawn.index)
  if (passed !== undefined) return passed
  return source.items ? (source.items[sourcePort(drawn.edge)] ?? 0) : undefined
}

function paintArrows(context: CanvasRenderingContext2D, edges: readonly DrawnEdge[], colour: string): void {
  context.fillStyle = colour
  context.beginPath()
  for (const { curve } of edges) {
    const { x, y } = curve.to
    context.moveTo(x - 6, y)
    context.lineTo(x - 14, y - 4.5)
    context.lineTo(x - 14, y + 4.5)
    context.closePath()
  }
  context.fill()
}

const FONT = '500 11px "Inter Variable", Inter, sans-serif'
const widths = new Map<string, number>()

function widthOf(context: CanvasRenderingContext2D, text: string): number {
  const known = widths.get(text)
  if (known !== undefined) return known
  // Counts of a long run are ever new: the memory for them is bounded.
  if (widths.size > 4000) widths.clear()
  const width = context.measureText(text).width + 12
  widths.set(text, width)
  return width
}

function paintLabels(context: CanvasRenderingContext2D, edges: readonly DrawnEdge[], scene: Scene, run: RunState): void {
  context.font = FONT
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.lineWidth = 1
  context.strokeStyle = scene.colours.border
  for (const drawn of edges) paintLabel(context, drawn, scene, run)
}

function paintLabel(context: CanvasRenderingContext2D, drawn: DrawnEdge, scene: Scene, run: RunState): void {
  const count = passedItems(drawn, run)
  if (!count) return
  const ms = duration(run.nodes.get(drawn.edge.source))
  const items = scene.items(count)
  // A label wider than the gap between two cards would lie on the cards.
  const room = Math.abs(drawn.curve.to.x - drawn.curve.from.x) - 8
  const text = [ms === undefined ? items : `${items} · ${formatDuration(ms)}`, items, String(count)].find(
    (words) => widthOf(context, words) <= room,
  )
  if (!text) return
  const width = widthOf(context, text)
  const at = pointAt(drawn.curve, 0.5)
  context.fillStyle = scene.colours.card
  context.beginPath()
  context.roundRect(at.x - width / 2, at.y - 9, width, 18, 9)
  context.fill()
  context.stroke()
  context.fillStyle = scene.colours.muted
  context.fillText(text, at.x, at.y + 0.5)
}

export function stateColour(status: NodeStatus | undefined, colours: Colours): string | undefined {
  return status === undefined || status === 'pending' ? undefined : colours.state[status]
}

/** What has no card. From afar nobody sees round corners: plain boxes, one fill a colour, and the names while they can be read. */
function paintBoxes(context: CanvasRenderingContext2D, layer: EdgeLayer, seen: Rect, scene: Scene): void {
  const { colours, run, selection, viewport, cards } = scene
  const boxes = layer.boxes.filter((box) => !cards.has(box.id) && overlaps(box, seen))
  const groups = new Map<string, { fill: string; stroke: string; boxes: Rect[] }>()
  for (const box of boxes) {
    const state = stateColour(run?.nodes.get(box.id)?.status, colours)
    const fill = viewport.zoom < FAR_ZOOM ? (state ?? colours.card) : colours.card
    const stroke = selection.has(box.id) ? colours.accent : (state ?? colours.edge)
    const key = `${fill} ${stroke}`
    const group = groups.get(key)
    if (group) group.boxes.push(box)
    else groups.set(key, { fill, stroke, boxes: [box] })
  }
  context.lineWidth = 1.5 / viewport.zoom
  for (const { fill, stroke, boxes } of groups.values()) {
    context.fillStyle = fill
    context.strokeStyle = stroke
    context.beginPath()
    for (const box of boxes) context.rect(box.x, box.y, box.width, box.height)
    context.fill()
    context.stroke()
  }
  if (viewport.zoom >= FAR_ZOOM) paintNames(context, boxes, colours)
}

function paintNames(context: CanvasRenderingContext2D, boxes: readonly DrawnBox[], colours: Colours): void {
  context.font = NAME_FONT
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillStyle = colours.text
  for (const box of boxes) context.fillText(shortened(context, box.name), box.x + 14, box.y + box.height / 2)
}

const NAME_FONT = '600 18px "Inter Variable", Inter, sans-serif'
const NAME_ROOM = NODE_WIDTH - 28
const short = new Map<string, string>()

/** As much of the name as a box has room for. */
function shortened(context: CanvasRenderingContext2D, name: string): string {
  const known = short.get(name)
  if (known !== undefined) return known
  if (short.size > 4000) short.clear()
  let text = name
  for (let length = name.length; length > 1 && context.measureText(text).width > NAME_ROOM;) text = `${name.slice(0, --length)}…`
  short.set(name, text)
  return text
}
