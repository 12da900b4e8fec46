// Sizes and places on the canvas, reckoned from the document alone: edges need no measuring of the page.
import type { Position } from '../document/types'

export const GRID = 16
export const NODE_WIDTH = 240
export const NODE_HEIGHT = 64
const PORT_STEP = 32

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const nodeHeight = (ins: number, outs: number): number => Math.max(NODE_HEIGHT, PORT_STEP * Math.max(ins, outs))

/** Ports share the side evenly, so that one port is in the middle and two are on grid lines. */
export const portY = (index: number, count: number, height: number): number => ((index + 0.5) * height) / Math.max(1, count)

export const snap = (value: number): number => Math.round(value / GRID) * GRID
export const snapped = (at: Position): Position => ({ x: snap(at.x), y: snap(at.y) })

export interface Curve {
  readonly from: Position
  readonly c1: Position
  readonly c2: Position
  readonly to: Position
}

export function curveOf(from: Position, to: Position): Curve {
  const dx = to.x - from.x
  // Backwards edges leave wide enough to be seen around the cards.
  const reach = dx >= 0 ? Math.max(24, Math.min(dx / 2, 160)) : Math.min(220, 48 + Math.abs(dx) / 4)
  return { from, c1: { x: from.x + reach, y: from.y }, c2: { x: to.x - reach, y: to.y }, to }
}

export function pointAt(curve: Curve, t: number): Position {
  const u = 1 - t
  const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t]
  return {
    x: a * curve.from.x + b * curve.c1.x + c * curve.c2.x + d * curve.to.x,
    y: a * curve.from.y + b * curve.c1.y + c * curve.c2.y + d * curve.to.y,
  }
}

export function boundsOf(curve: Curve): Rect {
  const xs = [curve.from.x, curve.c1.x, curve.c2.x, curve.to.x]
  const ys = [curve.from.y, curve.c1.y, curve.c2.y, curve.to.y]
  const x = Math.min(...xs)
  const y = Math.min(...ys)
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
}

export const overlaps = (a: Rect, b: Rect): boolean =>
  a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height

export const grown = (rect: Rect, by: number): Rect => ({
  x: rect.x - by,
  y: rect.y - by,
  width: rect.width + 2 * by,
  height: rect.height + 2 * by,
})

export const pathOf = (c: Curve): string => `M${c.from.x},${c.from.y} C${c.c1.x},${c.c1.y} ${c.c2.x},${c.c2.y} ${c.to.x},${c.to.y}`

/** A place near the wanted one where a card covers no other: what is added never hides what is there. */
export function freePlace(wanted: Position, taken: readonly Position[]): Position {
  let at = snapped(wanted)
  const hit = (place: Position) =>
    taken.some((other) => Math.abs(other.x - place.x) < NODE_WIDTH && Math.abs(other.y - place.y) < NODE_HEIGHT + GRID)
  for (let n = 0; n < 200 && hit(at); n++) at = { x: at.x, y: at.y + NODE_HEIGHT + 2 * GRID }
  return at
}
