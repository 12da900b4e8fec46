// What the mouse does on the canvas that the library does not know of: edges, boxes seen from afar, palette drops.
import { edgeKey } from '../document/types'
import type { Editor } from '../state/editor'
import type { EditorUi } from '../state/ui'
import { addNode } from '../state/adding'
import { useI18n } from 'vue-i18n'
import type { CanvasScene } from './scene'

export const TYPE_MIME = 'application/x-mbflow-type'

const over = (event: Event, selector: string): Element | null => (event.target instanceof Element ? event.target.closest(selector) : null)

export function usePointer(editor: Editor, scene: CanvasScene, ui: EditorUi, takeFocus: () => void) {
  const { locale } = useI18n()
  const place = (event: MouseEvent) => scene.flow.toFlow({ x: event.clientX, y: event.clientY })

  function move(event: PointerEvent): void {
    if (event.buttons !== 0 || scene.flow.connecting) return
    const card = over(event, '.vue-flow__node')
    scene.hoverNode.value = card?.getAttribute('data-id') ?? (over(event, '.node-toolbar') ? scene.hoverNode.value : undefined)
    if (over(event, '.edge-tools')) return
    const onPane = over(event, '.vue-flow__pane')
    scene.hoverEdge.value = onPane ? scene.layer.edgeAt(place(event), 8 / scene.flow.viewport.zoom) : undefined
  }

  function down(event: PointerEvent): void {
    if (!over(event, 'button, input, textarea, [role=dialog]')) takeFocus()
  }

  function leave(): void {
    scene.hoverEdge.value = undefined
    scene.hoverNode.value = undefined
  }

  function click(event: MouseEvent): void {
    if (!over(event, '.vue-flow__pane')) return
    const far = scene.detail.far.value ? scene.layer.nodeAt(place(event)) : undefined
    if (far) return editor.focus(far)
    const edge = scene.layer.edgeAt(place(event), 8 / scene.flow.viewport.zoom)
    editor.select([])
    editor.focusEdge.value = edge
    if (edge) editor.focusNode.value = editor.document.value.edges.find((other) => edgeKey(other) === edge)?.source
  }

  function doubleClick(event: MouseEvent): void {
    const card = over(event, '.vue-flow__node')?.getAttribute('data-id')
    if (card) return editor.open(card)
    if (!over(event, '.vue-flow__pane')) return
    const far = scene.detail.far.value ? scene.layer.nodeAt(place(event)) : undefined
    if (far) return scene.fit(new Set([far]))
    const edge = scene.layer.edgeAt(place(event), 8 / scene.flow.viewport.zoom)
    if (edge) return editor.openEdge(edge)
    if (!editor.readOnly.value) ui.adding.value = { at: place(event) }
  }

  function dragOver(event: DragEvent): void {
    if (editor.readOnly.value || !event.dataTransfer?.types.includes(TYPE_MIME)) return
    event.preventDefault()
    scene.hoverEdge.value = scene.layer.edgeAt(place(event), 24 / scene.flow.viewport.zoom)
  }

  /** Let go over an edge, a node from the palette goes into it. */
  function drop(event: DragEvent): void {
    const type = editor.types.value.get(event.dataTransfer?.getData(TYPE_MIME) ?? '')
    if (!type) return
    event.preventDefault()
    const edge = scene.hoverEdge.value
    scene.hoverEdge.value = undefined
    addNode(editor, type, { at: place(event), ...(edge ? { edge } : {}) }, scene.flow.centre(), locale.value)
    takeFocus()
  }

  return { move, down, leave, click, doubleClick, dragOver, drop }
}
