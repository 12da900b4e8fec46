// Level of detail: far away one canvas draws everything; near, cards have content only around what is seen.
import { shallowRef, type ShallowRef } from 'vue'
import { grown, type Rect } from './geometry'

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
    const moved = Math.max(Math.abs(viewport.x - last.x), Math.abs(viewport.y - last.y)) > MARGIN / 2
    const resized = size.width !== last.width || size.height !== last.height
    if (!zoomed && !moved && !resized) return
    this.last = { ...viewport, ...size }
    this.rect.value = grown(visibleRect(viewport, size), MARGIN / viewport.zoom)
  }
}
