// Which edge lies under the pointer: a grid of cells names the candidates, sampling along the curve decides.
import { boundsOf, grown, pointAt, type Curve, type Rect } from './geometry'
import type { Position } from '../document/types'

const CELL = 256
const SAMPLES = 24

export class EdgeGrid {
  private readonly cells = new Map<string, Set<string>>()
  private readonly places = new Map<string, { curve: Curve; cells: string[] }>()

  put(key: string, curve: Curve): void {
    this.remove(key)
    const cells = cellsOf(grown(boundsOf(curve), 8))
    this.places.set(key, { curve, cells })
    for (const cell of cells) {
      const list = this.cells.get(cell)
      if (list) list.add(key)
      else this.cells.set(cell, new Set([key]))
    }
  }

  remove(key: string): void {
    for (const cell of this.places.get(key)?.cells ?? []) this.cells.get(cell)?.delete(key)
    this.places.delete(key)
  }

  at(point: Position, within: number): string | undefined {
    let best: string | undefined
    let least = within
    for (const key of this.cells.get(cellOf(point.x, point.y)) ?? []) {
      const distance = distanceTo(this.places.get(key)!.curve, point)
      if (distance <= least) [best, least] = [key, distance]
    }
    return best
  }
}

const cellOf = (x: number, y: number): string => `${Math.floor(x / CELL)},${Math.floor(y / CELL)}`

function cellsOf(rect: Rect): string[] {
  const cells: string[] = []
  for (let x = Math.floor(rect.x / CELL); x <= Math.floor((rect.x + rect.width) / CELL); x++) {
    for (let y = Math.floor(rect.y / CELL); y <= Math.floor((rect.y + rect.height) / CELL); y++) cells.push(`${x},${y}`)
  }
  return cells
}

/** Distance to the chain of chords through the samples. */
export function distanceTo(curve: Curve, point: Position): number {
  let least = Infinity
  let from = curve.from
  for (let i = 1; i <= SAMPLES; i++) {
    const to = pointAt(curve, i / SAMPLES)
    least = Math.min(least, toSegment(point, from, to))
    from = to
  }
  return least
}

function toSegment(p: Position, a: Position, b: Position): number {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length))
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy)
}
