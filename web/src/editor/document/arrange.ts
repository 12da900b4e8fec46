// Several nodes put in line, or evenly apart.
import type { Position } from './types'

export const ALIGNMENTS = ['left', 'centre', 'right', 'top', 'middle', 'bottom', 'across', 'down'] as const
/** `across` and `down` put even gaps between them; the others put an edge or the middle of all on one line. */
export type Alignment = (typeof ALIGNMENTS)[number]

export interface Placed extends Position {
  readonly id: string
  readonly width: number
  readonly height: number
}

export function arranged(boxes: readonly Placed[], how: Alignment): Readonly<Record<string, Position>> {
  const axis = how === 'left' || how === 'centre' || how === 'right' || how === 'across' ? 'x' : 'y'
  const size = axis === 'x' ? 'width' : 'height'
  if (boxes.length < 2) return {}
  const places = how === 'across' || how === 'down' ? spread(boxes, axis, size) : inLine(boxes, how, axis, size)
  return Object.fromEntries(boxes.map((box) => [box.id, { x: box.x, y: box.y, [axis]: Math.round(places.get(box.id)!) }]))
}

type Axis = 'x' | 'y'
type Size = 'width' | 'height'

function inLine(boxes: readonly Placed[], how: Alignment, axis: Axis, size: Size): Map<string, number> {
  const low = Math.min(...boxes.map((box) => box[axis]))
  const high = Math.max(...boxes.map((box) => box[axis] + box[size]))
  const place = (box: Placed) => {
    if (how === 'left' || how === 'top') return low
    if (how === 'right' || how === 'bottom') return high - box[size]
    return (low + high - box[size]) / 2
  }
  return new Map(boxes.map((box) => [box.id, place(box)]))
}

/** The outermost stay where they are. Boxes that overlap get an even overlap. */
function spread(boxes: readonly Placed[], axis: Axis, size: Size): Map<string, number> {
  const row = [...boxes].sort((a, b) => a[axis] - b[axis])
  const [first, last] = [row[0]!, row.at(-1)!]
  const filled = row.reduce((sum, box) => sum + box[size], 0)
  const gap = (last[axis] + last[size] - first[axis] - filled) / (row.length - 1)
  let next = first[axis]
  return new Map(
    row.map((box) => {
      const at = next
      next += box[size] + gap
      return [box.id, at]
    }),
  )
}
