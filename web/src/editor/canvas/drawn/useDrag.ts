// Following the pointer over the canvas: how far it has come, in the canvas's own measure.
import { onBeforeUnmount, shallowRef } from 'vue'
import type { Position } from '../../document/types'
import type { CanvasScene } from '../scene'

export function useDrag(scene: CanvasScene, end: (by: Position) => void, along: (by: Position) => void = () => undefined) {
  const by = shallowRef<Position>()
  let stop: (() => void) | undefined

  function begin(event: PointerEvent): void {
    const from = scene.flow.toFlow({ x: event.clientX, y: event.clientY })
    const far = (to: PointerEvent): Position => {
      const at = scene.flow.toFlow({ x: to.clientX, y: to.clientY })
      return { x: at.x - from.x, y: at.y - from.y }
    }
    const move = (to: PointerEvent) => along((by.value = far(to)))
    const up = (to: PointerEvent) => {
      const went = by.value && far(to)
      stop?.()
      if (went) end(went)
    }
    const cancel = () => stop?.()
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', up)
    window.addEventListener('pointercancel', cancel)
    stop = () => {
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', up)
      window.removeEventListener('pointercancel', cancel)
      by.value = undefined
    }
  }
  onBeforeUnmount(() => stop?.())
  return { by, begin }
}
