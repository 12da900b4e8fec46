// What keys and buttons do with notes, groups and several nodes at a time.
import { arranged, type Alignment } from '../../document/arrange'
import { groupOf, groupsOf, NOTE_HEIGHT, NOTE_WIDTH, notesOf } from '../../document/drawn'
import { uniqueId } from '../../document/names'
import type { Editor } from '../../state/editor'
import type { EditorUi } from '../../state/ui'
import { snapped } from '../geometry'
import type { CanvasScene } from '../scene'

export class Drawing {
  constructor(
    private readonly editor: Editor,
    private readonly scene: CanvasScene,
    private readonly ui: EditorUi,
  ) {}

  addNote(): void {
    const { editor, scene } = this
    const id = this.freeId('note')
    const middle = scene.flow.centre()
    const at = snapped({ x: middle.x - NOTE_WIDTH / 2, y: middle.y - NOTE_HEIGHT / 2 })
    if (!editor.run({ type: 'add_note', note: { id, ...at, width: NOTE_WIDTH, height: NOTE_HEIGHT } })) return
    editor.focusOnNote(id)
    editor.announce('editor.said.note_added')
    this.ui.writing.value = id
  }

  nextNote(): void {
    const { editor } = this
    const notes = notesOf(editor.document.value)
    const at = notes.findIndex((note) => note.id === editor.focusNote.value)
    const note = notes[(at + 1) % notes.length]
    if (!note) return editor.announce('editor.said.no_notes')
    editor.focusOnNote(note.id)
    this.scene.flow.reveal({ x: note.x ?? 0, y: note.y ?? 0, width: note.width ?? NOTE_WIDTH, height: note.height ?? NOTE_HEIGHT })
    editor.announce('editor.said.note', { text: note.text ?? '' })
  }

  removeNote(id: string): void {
    if (this.editor.run({ type: 'remove_note', ids: [id] })) this.editor.announce('editor.said.note_removed')
  }

  nudgeNote(id: string, dx: number, dy: number): void {
    const note = notesOf(this.editor.document.value).find((one) => one.id === id)
    if (note) this.editor.run({ type: 'set_note', id, change: { x: (note.x ?? 0) + dx, y: (note.y ?? 0) + dy } })
  }

  group(): void {
    const { editor } = this
    const nodes = editor.target()
    if (nodes.length === 0 || groupOf(editor.document.value, nodes)?.nodes.length === nodes.length) return
    if (editor.run({ type: 'group', group: { id: this.freeId('group'), nodes } }))
      editor.announce('editor.said.grouped', { n: nodes.length })
  }

  /** Every group that one of the chosen nodes is in. */
  ungroup(): void {
    const { editor } = this
    const chosen = new Set(editor.target())
    const ids = groupsOf(editor.document.value).flatMap((group) => (group.nodes.some((id) => chosen.has(id)) ? [group.id] : []))
    if (editor.run({ type: 'ungroup', ids })) editor.announce('editor.said.ungrouped')
  }

  arrange(how: Alignment): void {
    const { editor, scene } = this
    const boxes = scene.layer.boxes.filter((box) => editor.selection.value.has(box.id))
    if (editor.run({ type: 'arrange', to: arranged(boxes, how) })) editor.announce('editor.said.moved', { n: boxes.length })
  }

  private freeId(stem: string): string {
    const document = this.editor.document.value
    return uniqueId(stem, new Set([...notesOf(document), ...groupsOf(document)].map(({ id }) => id)))
  }
}
