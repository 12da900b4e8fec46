// What the mouse does on the canvas that the library does not know of: edges, boxes seen from afar, palette drops.
import type { Ref } from 'vue'
import { edgeKey, type Position } from '../document/types'
import type { Editor } from '../state/editor'
import type { EditorUi } from '../state/ui'
import { addNode } from '../state/adding'
import { useI18n } from 'vue-i18n'
import type { CanvasScene } from './scene'

export const TYPE_MIME = 'application/x-mbflow-type'

const over = (event: Event, selector: string): Element | null => (event.target instanceof Element ? event.target.closest(selector) : null)

/** The empty canvas: the library keeps everything else inside its pane. */
const onPane = (event: Event): boolean => over(event, '.vue-flow__pane') !== null && !over(event, '.drawn-layer, .vue-flow__node')

export function usePointer(editor: Editor, scene: CanvasScene, ui: EditorUi, takeFocus: () => void): Pointer {
  return new Pointer(editor, scene, ui, takeFocus, useI18n().locale)
}

class Pointer {
  constructor(
    private readonly editor: Editor,
    private readonly scene: CanvasScene,
    private readonly ui: EditorUi,
    private readonly takeFocus: () => void,
    private readonly locale: Ref<string>,
  ) {}

  move = (event: PointerEvent): void => {
    const { scene } = this
    if (event.buttons !== 0 || scene.flow.connecting) return
    const card = over(event, '.vue-flow__node')
    // What is only drawn gets its card as soon as it is pointed at: then it can be dragged and connected like any other.
    const kept = over(event, '.node-toolbar') ? scene.hoverNode.value : onPane(event) && this.farNode(event)
    scene.hoverNode.value = card?.getAttribute('data-id') ?? (kept || undefined)
    if (over(event, '.edge-tools')) return
    scene.hoverEdge.value = onPane(event) ? this.edgeAt(event, 8) : undefined
  }

  private pressed: Position = { x: 0, y: 0 }

  down = (event: PointerEvent): void => {
    this.pressed = { x: event.clientX, y: event.clientY }
    if (!over(event, 'button, input, textarea, [role=dialog]')) this.takeFocus()
  }

  leave = (): void => {
    this.scene.hoverEdge.value = undefined
    this.scene.hoverNode.value = undefined
  }

  click = (event: MouseEvent): void => {
    const { editor, pressed } = this
    // What ends a drag, such as a frame around nodes, is no click.
    const dragged = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 4
    if (dragged || !onPane(event)) return
    const far = this.farNode(event)
    if (far) return editor.focus(far)
    const edge = this.edgeAt(event, 8)
    editor.select([])
    editor.focusNote.value = undefined
    editor.focusEdge.value = edge
    if (edge) editor.focusNode.value = editor.document.value.edges.find((other) => edgeKey(other) === edge)?.source
  }

  doubleClick = (event: MouseEvent): void => {
    const card = over(event, '.vue-flow__node')?.getAttribute('data-id')
    if (card) return this.editor.open(card)
    if (!onPane(event)) return
    const far = this.farNode(event)
    if (far) return this.scene.fit(new Set([far]))
    const edge = this.edgeAt(event, 8)
    if (edge) return this.editor.openEdge(edge)
    if (!this.editor.readOnly.value) this.ui.adding.value = { at: this.place(event) }
  }

  dragOver = (event: DragEvent): void => {
    if (this.editor.readOnly.value || !event.dataTransfer?.types.includes(TYPE_MIME)) return
    event.preventDefault()
    this.scene.hoverEdge.value = this.edgeAt(event, 24)
  }

  /** Let go over an edge, a node from the palette goes into it. */
  drop = (event: DragEvent): void => {
    const { editor, scene } = this
    const type = editor.types.value.get(event.dataTransfer?.getData(TYPE_MIME) ?? '')
    if (!type) return
    event.preventDefault()
    const edge = scene.hoverEdge.value
    scene.hoverEdge.value = undefined
    addNode(editor, type, { at: this.place(event), ...(edge ? { edge } : {}) }, scene.flow.centre(), this.locale.value)
    this.takeFocus()
  }

  private place(event: MouseEvent): Position {
    return this.scene.flow.toFlow({ x: event.clientX, y: event.clientY })
  }

  /** `within` in pixels of the screen. */
  private edgeAt(event: MouseEvent, within: number): string | undefined {
    return this.scene.layer.edgeAt(this.place(event), within / this.scene.flow.viewport.zoom)
  }

  private farNode(event: MouseEvent): string | undefined {
    return this.scene.detail.far.value ? this.scene.layer.nodeAt(this.place(event)) : undefined
  }
}
