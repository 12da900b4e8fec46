// Wires keys and clipboard events of the canvas to its actions.
import type { Editor } from '../../state/editor'
import type { EditorUi } from '../../state/ui'
import type { CanvasScene } from '../scene'
import { CanvasActions } from './actions'
import { actionOf } from './keys'

const isField = (event: Event): boolean =>
  event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable=true], [role=dialog]') !== null

export function useCanvasActions(editor: Editor, scene: CanvasScene, ui: EditorUi) {
  const actions = new CanvasActions(editor, scene, ui)

  function keydown(event: KeyboardEvent): void {
    // Buttons inside the canvas keep Enter and Space; fields keep everything, undo included.
    if (isField(event) || (event.target !== event.currentTarget && ['Enter', 'Space', 'Tab'].includes(event.code))) return
    const action = actionOf(event)
    if (!action) return
    event.preventDefault()
    event.stopPropagation()
    void actions[action]()
  }

  function copy(event: ClipboardEvent): void {
    const text = isField(event) ? undefined : actions.copyText()
    if (!text || !event.clipboardData) return
    event.preventDefault()
    event.clipboardData.setData('text/plain', text)
    editor.announce('editor.said.copied', { n: editor.target().length })
  }

  function cut(event: ClipboardEvent): void {
    copy(event)
    if (event.defaultPrevented) actions.remove()
  }

  function paste(event: ClipboardEvent): void {
    if (isField(event) || editor.readOnly.value) return
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (actions.pasteText(text)) event.preventDefault()
    else if (text) editor.announce('editor.said.not_nodes')
  }

  return { actions, keydown, copy, cut, paste }
}
