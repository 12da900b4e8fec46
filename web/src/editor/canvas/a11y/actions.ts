// What the keyboard does on the canvas. Every action goes through the same commands as the mouse, so it is undone and
// saved the same way, and says in the live region what it did.
import { copyText, fitted, fragmentOf, readFragment, shiftTo } from '../../document/clipboard'
import type { Fragment } from '../../document/commands'
import { downstream, graphOf, upstream } from '../../document/graph'
import {
  ERROR_PORT,
  edgeKey,
  nameOf,
  positionOf,
  sourcePort,
  type JsonObject,
  type Position,
  type WorkflowEdge,
} from '../../document/types'
import { edgesOf, firstNode, walk, type Direction } from '../../document/walk'
import type { Editor } from '../../state/editor'
import type { EditorUi } from '../../state/ui'
import { GRID, nodeHeight } from '../geometry'
import type { CanvasScene } from '../scene'
import { tidyPlaces } from '../tidy'
import { Drawing } from './drawing'

export class CanvasActions {
  private readonly drawing: Drawing

  constructor(
    private readonly editor: Editor,
    private readonly scene: CanvasScene,
    private readonly ui: EditorUi,
  ) {
    this.drawing = new Drawing(editor, scene, ui)
  }

  first = () => this.go(firstNode(this.editor.document.value)?.id)
  walk_right = () => this.walk('right')
  walk_left = () => this.walk('left')
  walk_up = () => this.walk('up')
  walk_down = () => this.walk('down')
  move_right = () => this.nudge(GRID, 0)
  move_left = () => this.nudge(-GRID, 0)
  move_up = () => this.nudge(0, -GRID)
  move_down = () => this.nudge(0, GRID)
  next_edge = () => this.cycleEdges(1)
  previous_edge = () => this.cycleEdges(-1)
  undo = () => this.editor.back('undo')
  redo = () => this.editor.back('redo')
  zoom_in = () => this.scene.flow.zoomBy(1.25)
  zoom_out = () => this.scene.flow.zoomBy(0.8)
  zoom_full = () => this.scene.flow.zoomTo(1)
  fit = () => this.scene.fit()
  help = () => (this.ui.help.value = true)
  add_note = () => this.editor.readOnly.value || this.drawing.addNote()
  next_note = () => this.drawing.nextNote()
  group = () => this.drawing.group()
  ungroup = () => this.drawing.ungroup()
  align_left = () => this.drawing.arrange('left')
  align_centre = () => this.drawing.arrange('centre')
  align_right = () => this.drawing.arrange('right')
  align_top = () => this.drawing.arrange('top')
  align_middle = () => this.drawing.arrange('middle')
  align_bottom = () => this.drawing.arrange('bottom')
  distribute_across = () => this.drawing.arrange('across')
  distribute_down = () => this.drawing.arrange('down')

  open = (): void => {
    const { focusEdge, focusNode, focusNote } = this.editor
    if (focusNote.value) this.ui.writing.value = focusNote.value
    else if (focusEdge.value) this.editor.openEdge(focusEdge.value)
    else if (focusNode.value) this.editor.open(focusNode.value)
  }

  add_after = (): void => {
    if (this.editor.readOnly.value) return
    const { focusEdge, focusNode } = this.editor
    if (focusEdge.value) this.ui.adding.value = { edge: focusEdge.value }
    else this.ui.adding.value = focusNode.value && this.hasOutputs(focusNode.value) ? { after: { node: focusNode.value } } : {}
  }

  connect = () => this.pick('connect')
  disconnect = (): void => {
    if (this.editor.focusEdge.value) this.remove()
    else this.pick('disconnect')
  }

  rename = (): void => {
    if (!this.editor.readOnly.value) this.ui.renaming.value = this.editor.focusNode.value
  }

  remove = (): void => {
    const { editor } = this
    if (editor.focusNote.value) return this.drawing.removeNote(editor.focusNote.value)
    const edge = editor.focusEdge.value
    if (edge) {
      if (editor.run({ type: 'disconnect', keys: [edge] })) editor.announce('editor.said.disconnected')
      editor.focusEdge.value = undefined
      return
    }
    const ids = editor.target()
    const next = ids.length === 1 ? this.neighbour(ids[0]!) : undefined
    const name = ids.length === 1 ? editor.nameOfId(ids[0]!) : ''
    if (!editor.run({ type: 'remove', ids, bridge: true })) return
    editor.announce(name ? 'editor.said.removed' : 'editor.said.removed_many', { name, n: ids.length })
    editor.focus(next)
  }

  disable = (): void => {
    const { editor } = this
    const ids = editor.target()
    const { nodes } = graphOf(editor.document.value)
    const disabled = !ids.every((id) => nodes.get(id)?.disabled)
    if (editor.run({ type: 'disable', ids, disabled }))
      editor.announce(disabled ? 'editor.said.now_disabled' : 'editor.said.now_enabled', { n: ids.length })
  }

  /** Pins what the node last gave in the run that is shown; without a run, one empty item to be edited. */
  pin = (): void => {
    const { editor } = this
    const [id] = editor.target()
    const node = id && graphOf(editor.document.value).nodes.get(id)
    if (!node) return
    const items = node.pinned ? undefined : ((this.ui.lastOutput(node.id) as JsonObject[] | undefined) ?? [{}])
    if (editor.run({ type: 'pin', id: node.id, items }))
      editor.announce(items ? 'editor.said.now_pinned' : 'editor.said.now_unpinned', { name: nameOf(node) })
  }

  select_all = () => this.editor.select(this.editor.document.value.nodes.map((node) => node.id))
  select_after = () => this.selectChain(downstream)
  select_before = () => this.selectChain(upstream)

  duplicate = (): void => this.paste(fragmentOf(this.editor.document.value, this.chosen()), 'duplicate')

  private chosen(): ReadonlySet<string> {
    const note = this.editor.focusNote.value
    return new Set(note ? [note] : this.editor.target())
  }

  copyText(): string | undefined {
    const ids = this.chosen()
    return ids.size ? copyText(this.editor.document.value, ids) : undefined
  }

  pasteText(text: string): boolean {
    const fragment = readFragment(text)
    if (fragment) this.paste(fragment, 'paste')
    return fragment !== undefined
  }

  leave = (): void => {
    const { editor } = this
    if (editor.focusNote.value) editor.focusNote.value = undefined
    else if (editor.focusEdge.value) editor.focusEdge.value = undefined
    else if (editor.selection.value.size > 1) editor.focus(editor.focusNode.value)
    else editor.close()
  }

  tidy = async (): Promise<void> => {
    const { editor, scene } = this
    if (editor.readOnly.value) return
    const chosen = editor.selection.value.size > 1 ? editor.selection.value : undefined
    const document = editor.document.value
    const extent = scene.layer.extent(chosen)
    if (!extent) return
    const nodes = document.nodes
      .filter((node) => !chosen || chosen.has(node.id))
      .map((node) => ({ id: node.id, height: this.height(node.id) }))
    const to = await tidyPlaces({
      nodes,
      edges: document.edges.map(({ source, target }) => ({ source, target })),
      origin: { x: extent.x, y: extent.y },
    })
    // Whoever went on editing while the worker reckoned does not get the nodes moved under the hand.
    if (!to || editor.document.value !== document) return
    if (editor.run({ type: 'tidy', to })) editor.announce('editor.said.tidied', { n: nodes.length })
    if (!chosen) scene.fit()
  }

  private paste(fragment: Fragment, how: 'paste' | 'duplicate'): void {
    const { editor, scene } = this
    if (fragment.nodes.length + (fragment.notes?.length ?? 0) === 0) return
    const shift = how === 'duplicate' || this.isSeen(fragment) ? { x: 2 * GRID, y: 6 * GRID } : shiftTo(fragment, this.snappedCentre())
    const placed = fitted(editor.document.value, fragment, shift)
    if (!editor.run({ type: 'paste', fragment: placed })) return
    const [first] = placed.nodes
    if (!first) return editor.focusOnNote(placed.notes![0]!.id)
    editor.focusNode.value = first.id
    editor.select(placed.nodes.map((node) => node.id))
    scene.reveal(first.id)
    editor.announce('editor.said.pasted', { n: placed.nodes.length })
  }

  private isSeen(fragment: Fragment): boolean {
    const { x, y, zoom } = this.scene.flow.viewport
    const { width, height } = this.scene.flow.size
    return fragment.nodes.every((node) => {
      const at = positionOf(node)
      const [sx, sy] = [at.x * zoom + x, at.y * zoom + y]
      return sx >= 0 && sy >= 0 && sx <= width && sy <= height
    })
  }

  private snappedCentre(): Position {
    const { x, y } = this.scene.flow.centre()
    return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID }
  }

  private walk(direction: Direction): void {
    this.go(walk(this.editor.document.value, this.editor.focusNode.value, direction))
  }

  private go(id: string | undefined): void {
    if (id) this.editor.focus(id)
    else this.editor.announce('editor.said.end')
  }

  private nudge(dx: number, dy: number): void {
    const { editor } = this
    if (editor.focusNote.value) return this.drawing.nudgeNote(editor.focusNote.value, dx, dy)
    const { nodes } = graphOf(editor.document.value)
    const to = editor.target().flatMap((id) => {
      const node = nodes.get(id)
      return node ? [[id, { x: positionOf(node).x + dx, y: positionOf(node).y + dy }] as const] : []
    })
    if (editor.run({ type: 'move', to: Object.fromEntries(to) })) editor.announce('editor.said.moved', { n: to.length })
  }

  private cycleEdges(by: number): void {
    const { editor } = this
    const id = editor.focusNode.value
    const edges = id ? edgesOf(editor.document.value, id) : []
    if (edges.length === 0) return editor.announce('editor.said.no_edges')
    const at = edges.findIndex((edge) => edgeKey(edge) === editor.focusEdge.value)
    const edge = edges[(at + by + edges.length) % edges.length]!
    editor.focusEdge.value = edgeKey(edge)
    editor.announce(edge.condition ? 'editor.said.edge_if' : 'editor.said.edge', this.edgeWords(edge))
  }

  private edgeWords(edge: WorkflowEdge) {
    return {
      from: this.editor.nameOfId(edge.source),
      port: sourcePort(edge),
      to: this.editor.nameOfId(edge.target),
      condition: edge.condition ?? '',
    }
  }

  private pick(mode: 'connect' | 'disconnect'): void {
    const { editor, ui } = this
    const node = editor.focusNode.value
    if (node && !editor.readOnly.value) ui.picking.value = { mode, node }
  }

  private selectChain(reach: typeof downstream): void {
    const { editor } = this
    const id = editor.focusNode.value
    if (!id) return
    editor.select([id, ...reach(editor.document.value, id).map((node) => node.id)])
    editor.announce('editor.said.selected', { n: editor.selection.value.size })
  }

  private neighbour(id: string): string | undefined {
    const document = this.editor.document.value
    return walk(document, id, 'left') ?? walk(document, id, 'right') ?? walk(document, id, 'up') ?? walk(document, id, 'down')
  }

  private hasOutputs(id: string): boolean {
    return this.editor.views.get(id)?.outs.some((port) => port !== ERROR_PORT) ?? false
  }

  private height(id: string): number {
    const view = this.editor.views.get(id)
    return nodeHeight(view?.ins.length ?? 1, view?.outs.length ?? 1)
  }
}

type Hidden = 'copyText' | 'pasteText'
export type CanvasActionId = Exclude<keyof CanvasActions, Hidden>
