// Level of detail: far away one canvas draws everything; near, cards have content only around what is seen.
import { shallowRef, type ShallowRef } from 'vue'
import { grown, overlaps, type Rect } from './geometry'

export const FAR_ZOOM = 0.3
export const LABEL_ZOOM = 0.6
const MARGIN = 400

export interface Viewport {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export const visibleRect = (viewport: Viewport, size: Size): Rect => ({
  x: -viewport.x / viewport.zoom,
  y: -viewport.y / viewport.zoom,
  width: size.width / viewport.zoom,
  height: size.height / viewport.zoom,
})

/** The rectangle in which cards have content. It lags behind: only half a margin of movement or 15 % of zoom renews it. */
export class DetailRect {
  readonly rect: ShallowRef<Rect> = shallowRef({ x: 0, y: 0, width: 0, height: 0 })
  readonly far: ShallowRef<boolean> = shallowRef(false)
  private last: Viewport & Size = { x: 0, y: 0, zoom: 0, width: 0, height: 0 }

  update(viewport: Viewport, size: Size): void {
    const far = viewport.zoom < FAR_ZOOM
    if (far !== this.far.value) this.far.value = far
    // Nothing is seen of the cards from far: they keep the content they have.
    if (far || size.width === 0) return
    const { last } = this
    const zoomed = Math.abs(viewport.zoom / last.zoom - 1) > 0.15
    const moved = Math.max(Math.abs(viewport.x - last.x), Math.abs(viewport.y - last.y)) > (MARGIN * viewport.zoom) / 2
    const resized = size.width !== last.width || size.height !== last.height
    if (!zoomed && !moved && !resized) return
    this.last = { ...viewport, ...size }
    this.rect.value = grown(visibleRect(viewport, size), MARGIN)
  }
}

const AT_ONCE = 24

/**
 * Which cards have content. What comes into sight gets it a few cards a frame, the middle first: zooming out over a
 * thousand nodes must not mount hundreds of cards in one frame.
 */
export class DetailedCards {
  private readonly shown = new Map<string, ShallowRef<boolean>>()
  private waiting: string[] = []
  private frame = 0

  of(id: string): ShallowRef<boolean> {
    let shown = this.shown.get(id)
    if (!shown) this.shown.set(id, (shown = shallowRef(false)))
    return shown
  }

  update(rect: Rect, boxes: readonly (Rect & { readonly id: string })[]): void {
    const middle = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }
    const fresh: { id: string; distance: number }[] = []
    for (const box of boxes) {
      const shown = this.of(box.id)
      const seen = overlaps(box, rect)
      if (!seen) shown.value = false
      else if (!shown.value) fresh.push({ id: box.id, distance: Math.hypot(box.x - middle.x, box.y - middle.y) })
    }
    this.waiting = fresh.sort((a, b) => a.distance - b.distance).map(({ id }) => id)
    this.more()
  }

  private more = (): void => {
    cancelAnimationFrame(this.frame)
    for (const id of this.waiting.splice(0, AT_ONCE)) this.of(id).value = true
    if (this.waiting.length) this.frame = requestAnimationFrame(this.more)
  }
}
