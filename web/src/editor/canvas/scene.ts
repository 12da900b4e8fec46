// What the parts of one canvas share: the flow, the drawn edges, the level of detail, what is under the pointer.
import { computed, inject, ref, shallowRef, watch, type InjectionKey } from 'vue'
import { touching, EdgeLayer } from './edgeLayer'
import { Flow } from './adapter'
import { Detail } from './lod'
import type { Editor } from '../state/editor'
import type { Position } from '../document/types'
import type { Rect } from './geometry'

export interface DropTarget {
  readonly from: { node: string; port: string; output: boolean }
  readonly at: Position
}

export class CanvasScene {
  readonly detail = new Detail()
  readonly layer: EdgeLayer
  readonly flow: Flow
  readonly hoverEdge = ref<string>()
  readonly hoverNode = ref<string>()
  /** Counts rebuilds of the edge layer: what draws it watches this. */
  readonly built = ref(0)
  readonly dropped = shallowRef<DropTarget>()
  readonly emphasised = computed(() => touching(this.editor.document.value, this.editor.selection.value))

  constructor(private readonly editor: Editor) {
    this.layer = new EdgeLayer(editor.views)
    this.flow = new Flow({
      selected: (ids) => this.selected(ids),
      framed: (rect) => this.framed(rect),
      moved: (to) => editor.run({ type: 'move', to }),
      connected: (edge) => this.connect(edge.source, edge.source_port ?? 'main', edge.target, edge.target_port ?? 'main'),
      dropped: (from, at) => (this.dropped.value = { from, at }),
    })
    watch([editor.document, editor.types], () => this.sync(), { flush: 'post' })
    watch(this.flow.dragged, () => this.rebuild())
    watch([this.hoverNode, editor.focusNode], (ids) => this.detail.hold(ids, this.layer.boxes))
    watch(this.detail.shown, () => this.flow.sync(editor.document.value, this.detail.shown.value), { flush: 'post' })
    watch(editor.selection, (ids) => this.flow.select(ids))
    watch(editor.focusNode, (id) => this.follow(id))
    // A panel that opens beside a graph shown whole leaves it whole.
    watch(
      () => this.flow.size,
      () => this.flow.untouched && this.fit(),
      { deep: true, flush: 'post' },
    )
    watch([() => this.flow.viewport, () => this.flow.size], () => this.look(), { deep: true })
  }

  connect(source: string, sourcePort: string, target: string, targetPort: string): boolean {
    const { editor } = this
    const made = editor.run({ type: 'connect', edge: { source, source_port: sourcePort, target, target_port: targetPort } })
    if (made) editor.announce('editor.said.connected', { from: editor.nameOfId(source), to: editor.nameOfId(target) })
    return made
  }

  sync(): void {
    this.rebuild()
    this.flow.sync(this.editor.document.value, this.detail.shown.value)
  }

  look(): void {
    this.detail.moved(this.flow.viewport, this.flow.size, this.layer.boxes)
  }

  rebuild(): void {
    this.layer.build(this.editor.document.value, this.flow.dragged.value)
    this.built.value++
    this.detail.update(this.layer.boxes)
  }

  fit(ids?: ReadonlySet<string>): void {
    this.flow.fit(this.layer.extent(ids), 1)
  }

  reveal(id: string): void {
    const box = this.layer.boxes.find((other) => other.id === id)
    if (box) this.flow.reveal(box)
  }

  /** An open inspector goes along with the focus. */
  private follow(id: string | undefined): void {
    const { opened, openedField } = this.editor
    if (!id || !opened.value || opened.value === id) return
    openedField.value = undefined
    opened.value = id
  }

  /** A frame was drawn with the mouse: it takes what lies in it, with a card or without. */
  private framed(rect: Rect): void {
    const ids = this.layer.nodesInside(rect)
    if (ids.length) this.selected(new Set(ids))
  }

  private selected(ids: ReadonlySet<string>): void {
    this.editor.select(ids)
    const [only] = ids
    if (ids.size === 1 && only) this.editor.focusNode.value = only
  }
}

export const SCENE: InjectionKey<CanvasScene> = Symbol('canvas scene')

export function useScene(): CanvasScene {
  const scene = inject(SCENE)
  if (!scene) throw new Error('useScene stands outside of a canvas')
  return scene
}
