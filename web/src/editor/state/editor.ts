// The editor as its parts see it: the document store made reactive, selection and focus, node types, problems, the run.
import { computed, inject, ref, shallowRef, type InjectionKey } from 'vue'
import type { Command, CommandType } from '../document/commands'
import { notesOf } from '../document/drawn'
import { graphOf } from '../document/graph'
import { lint } from '../document/lint'
import { DocumentStore } from '../document/log'
import type { NodeType, NodeTypes } from '../document/nodeTypes'
import { combined, problemsByNode, type Problem } from '../document/problems'
import { edgeKey, emptyDocument, nameOf, type WorkflowDocument } from '../document/types'
import { RunStates } from './runStates'
import { NodeViews } from './views'

export interface Message {
  readonly key: string
  readonly args: Readonly<Record<string, string | number>>
  /** Tells two equal messages apart, so that the second is spoken too. */
  readonly count: number
}

export class Editor {
  readonly store = new DocumentStore(emptyDocument(''))
  readonly document = shallowRef<WorkflowDocument>(this.store.document)
  readonly types = shallowRef<NodeTypes>(new Map())
  readonly views = new NodeViews()
  readonly runs = new RunStates()
  readonly selection = shallowRef<ReadonlySet<string>>(new Set())
  readonly focusNode = ref<string>()
  readonly focusEdge = ref<string>()
  /** A note of the canvas. With one in focus no node is chosen. */
  readonly focusNote = ref<string>()
  readonly opened = ref<string>()
  readonly openedField = ref<string>()
  readonly openedEdge = ref<string>()
  /** Counts openings: each takes the keyboard to the panel, while following the focus does not. */
  readonly openings = ref(0)
  readonly readOnly = ref(false)
  readonly message = shallowRef<Message>({ key: '', args: {}, count: 0 })
  readonly serverProblems = shallowRef<readonly Problem[]>([])

  private readonly stamp = ref(0)
  private readonly ownProblems = computed(() => lint(this.document.value, this.types.value))
  readonly problems = computed(() => combined(this.serverProblems.value, this.ownProblems.value))
  readonly nodeProblems = computed(() => problemsByNode(this.problems.value))
  readonly canUndo = computed(() => this.stamp.value >= 0 && this.store.canUndo)
  readonly canRedo = computed(() => this.stamp.value >= 0 && this.store.canRedo)

  constructor() {
    this.store.subscribe((next, reason) => {
      this.views.update(next, this.types.value)
      this.document.value = next
      this.stamp.value++
      this.forgetGone(next)
      if (reason === 'load') this.serverProblems.value = []
    })
  }

  setTypes(list: readonly NodeType[]): void {
    this.types.value = new Map(list.map((type) => [type.type, type]))
    this.views.update(this.document.value, this.types.value)
  }

  run(command: Command): boolean {
    return !this.readOnly.value && this.store.run(command)
  }

  runAll(label: CommandType, commands: readonly Command[]): boolean {
    return !this.readOnly.value && this.store.runAll(label, commands)
  }

  back(step: 'undo' | 'redo'): void {
    if (this.readOnly.value) return
    const done = this.store[step]()
    if (done) this.announce(`editor.said.${step}`, { what: `editor.command.${done.label}` })
    else this.announce(`editor.said.nothing_to_${step}`)
  }

  announce(key: string, args: Message['args'] = {}): void {
    this.message.value = { key, args, count: this.message.value.count + 1 }
  }

  select(ids: Iterable<string>): void {
    const next = new Set(ids)
    const old = this.selection.value
    if (next.size === old.size && [...next].every((id) => old.has(id))) return
    this.selection.value = next
    if (next.size > 0) this.focusEdge.value = this.focusNote.value = undefined
  }

  focus(id: string | undefined): void {
    this.focusNode.value = id
    this.focusEdge.value = this.focusNote.value = undefined
    this.select(id ? [id] : [])
  }

  focusOnNote(id: string): void {
    this.select([])
    this.focusEdge.value = undefined
    this.focusNote.value = id
  }

  open(id: string | undefined, field?: string): void {
    this.opened.value = id
    this.openedField.value = field
    this.openedEdge.value = undefined
    if (!id) return
    this.focus(id)
    this.openings.value++
  }

  openEdge(key: string): void {
    this.opened.value = undefined
    this.openedEdge.value = key
    this.focusEdge.value = key
    this.openings.value++
  }

  close(): void {
    this.opened.value = undefined
    this.openedEdge.value = undefined
  }

  /** What a command means: the selection, or the focused node when nothing is selected. */
  target(): string[] {
    if (this.selection.value.size) return [...this.selection.value]
    return this.focusNode.value ? [this.focusNode.value] : []
  }

  nameOfId(id: string): string {
    const node = graphOf(this.document.value).nodes.get(id)
    return node ? nameOf(node) : id
  }

  private forgetGone(next: WorkflowDocument): void {
    const { nodes } = graphOf(next)
    const left = [...this.selection.value].filter((id) => nodes.has(id))
    if (left.length !== this.selection.value.size) this.selection.value = new Set(left)
    if (this.focusNode.value && !nodes.has(this.focusNode.value)) this.focusNode.value = undefined
    if (this.opened.value && !nodes.has(this.opened.value)) this.opened.value = undefined
    if (!notesOf(next).some((note) => note.id === this.focusNote.value)) this.focusNote.value = undefined
    const edge = this.openedEdge.value ?? this.focusEdge.value
    if (edge && !next.edges.some((other) => edgeKey(other) === edge)) this.openedEdge.value = this.focusEdge.value = undefined
  }
}

export const EDITOR: InjectionKey<Editor> = Symbol('editor')

export function useEditor(): Editor {
  const editor = inject(EDITOR)
  if (!editor) throw new Error('useEditor stands outside of an editor')
  return editor
}
