// Level of detail. From afar one canvas draws everything; near, what is seen has cards. A card that nobody sees is not in
// the page at all: a thousand of them would cost memory, and time with every move.
import { shallowRef, type ShallowRef } from 'vue'
import { grown, overlaps, type Rect } from './geometry'

export const FAR_ZOOM = 0.3
export const LABEL_ZOOM = 0.6
/** So many cards at most are shown at a time: with more in sight, they are drawn. */
const MOST_CARDS = 120
const MARGIN = 400
const AT_ONCE = 24

export interface Viewport {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Box extends Rect {
  readonly id: string
}

export const visibleRect = (viewport: Viewport, size: Size): Rect => ({
  x: -viewport.x / viewport.zoom,
  y: -viewport.y / viewport.zoom,
  width: size.width / viewport.zoom,
  height: size.height / viewport.zoom,
})

/** Which nodes have cards. */
export class Detail {
  /** Nothing has cards but what is held. */
  readonly far: ShallowRef<boolean> = shallowRef(false)
  readonly shown: ShallowRef<ReadonlySet<string>> = shallowRef(new Set())
  private last: Viewport & Size = { x: 0, y: 0, zoom: 0, width: 0, height: 0 }
  private held: readonly string[] = []
  private waiting: string[] = []
  private frame = 0

  /** The page was moved: only half a margin of movement or 15 % of zoom is worth looking again. */
  moved(viewport: Viewport, size: Size, boxes: readonly Box[]): void {
    const { last } = this
    const zoomed = Math.abs(viewport.zoom / last.zoom - 1) > 0.15 || viewport.zoom < FAR_ZOOM !== last.zoom < FAR_ZOOM
    const moved = Math.max(Math.abs(viewport.x - last.x), Math.abs(viewport.y - last.y)) > (MARGIN * viewport.zoom) / 2
    const resized = size.width !== last.width || size.height !== last.height
    if (size.width === 0 || (!zoomed && !moved && !resized)) return
    this.last = { ...viewport, ...size }
    this.update(boxes)
  }

  /** What is focused, hovered or dragged keeps its card wherever it is. */
  hold(ids: readonly (string | undefined)[], boxes: readonly Box[]): void {
    this.held = ids.filter((id) => id !== undefined)
    this.update(boxes)
  }

  update(boxes: readonly Box[]): void {
    if (this.last.width === 0) return
    const rect = visibleRect(this.last, this.last)
    // What has a card keeps it for twice as far: going to and fro makes none anew.
    const reach = [grown(rect, MARGIN), grown(rect, 2 * MARGIN)] as const
    const near = boxes.filter((box) => overlaps(box, reach[this.shown.value.has(box.id) ? 1 : 0]))
    this.far.value = this.last.zoom < FAR_ZOOM || this.crowded(near, rect)
    const wanted = new Set([...this.held, ...(this.far.value ? [] : nearestFirst(near, rect))])
    const kept = [...this.shown.value].filter((id) => wanted.has(id))
    const gone = kept.length < this.shown.value.size
    for (const id of kept) wanted.delete(id)
    this.waiting = [...wanted]
    if (gone || this.waiting.length) this.more(kept)
  }

  private crowded(near: readonly Box[], rect: Rect): boolean {
    const seen = near.filter((box) => overlaps(box, rect)).length
    return seen > (this.far.value ? MOST_CARDS * 0.8 : MOST_CARDS)
  }

  /** A few a frame: mounting all that comes into sight at once would be felt. */
  private more(kept: Iterable<string>): void {
    cancelAnimationFrame(this.frame)
    this.shown.value = new Set([...kept, ...this.waiting.splice(0, AT_ONCE)])
    if (this.waiting.length) this.frame = requestAnimationFrame(() => this.more(this.shown.value))
  }
}

function nearestFirst(boxes: readonly Box[], rect: Rect): string[] {
  const middle = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }
  const distance = (box: Box) => Math.hypot(box.x + box.width / 2 - middle.x, box.y + box.height / 2 - middle.y)
  return boxes
    .map((box) => ({ id: box.id, far: distance(box) }))
    .sort((a, b) => a.far - b.far)
    .map(({ id }) => id)
}
