// What the page does: loading, saving, running; the parts only show it.
import { computed, onBeforeUnmount, onMounted, provide, ref, shallowRef, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave, useRouter } from 'vue-router'
import { useMediaQuery } from '@vueuse/core'
import { may } from '@/api/session'
import { listNodeTypes } from '@/api/nodeTypes'
import { listExecutions } from '@/api/executions'
import { describeError } from '@/ui/describeError'
import { toast } from '@/ui/toast'
import { usePageName } from '@/app/shell/crumbs'
import type { CanvasActions } from '../canvas/a11y/actions'
import type { CanvasScene } from '../canvas/scene'
import type { NodeType } from '../document/nodeTypes'
import type { Json, WorkflowDocument } from '../document/types'
import { rememberType } from '../palette/search'
import { RunSession } from '../run/runSession'
import { addNode } from '../state/adding'
import { EDITOR, Editor } from '../state/editor'
import { EditorUi, UI, type AddRequest } from '../state/ui'
import { Session } from './session'
import { readInput, writeInput } from './testInput'

interface Canvas {
  readonly scene: CanvasScene
  readonly actions: CanvasActions
}

export function useWorkspace(props: { readonly id: string; readonly execution: string | undefined }, canvas: Ref<Canvas | undefined>) {
  const editor = new Editor()
  const ui = new EditorUi()
  provide(EDITOR, editor)
  provide(UI, ui)
  const page = new Page(editor, ui, canvas, props)
  const { t, locale } = useI18n()
  const router = useRouter()
  page.translate = t
  page.language = locale
  usePageName(() => editor.document.value.name)
  page.show = (execution) => void router.replace({ query: execution ? { execution } : {} })
  watch(page.viewOnly, (viewOnly) => (editor.readOnly.value = viewOnly), { immediate: true })
  const unload = (event: BeforeUnloadEvent) => {
    void page.session.keep()
    if (page.run.starting.value) event.preventDefault()
  }
  onMounted(() => {
    window.addEventListener('beforeunload', unload)
    void page.load()
  })
  onBeforeRouteLeave(() => page.session.keep().then(() => true))
  onBeforeUnmount(() => {
    window.removeEventListener('beforeunload', unload)
    page.session.close()
    page.run.close()
  })
  return page
}

class Page {
  readonly session: Session
  readonly run: RunSession
  readonly input = shallowRef<Json>()
  readonly phone = useMediaQuery('(width < 720px)')
  readonly viewOnly = computed(() => this.phone.value || this.session.historic.value || !may('put_workflow'))
  readonly canStart = computed(() => !this.phone.value && !this.session.historic.value && may('execute_workflow'))
  translate: (key: string, named?: Record<string, unknown>) => string = (key) => key
  language: Ref<string> = ref('en')
  show: (execution: string | undefined) => void = () => undefined

  constructor(
    readonly editor: Editor,
    readonly ui: EditorUi,
    private readonly canvas: Ref<Canvas | undefined>,
    private readonly props: { readonly id: string; readonly execution: string | undefined },
  ) {
    this.session = new Session(editor)
    this.run = new RunSession(editor)
    ui.lastOutput = (id) => Object.values(this.run.data.outputs.value.get(id) ?? {})[0]
    this.input.value = readInput(props.id)
  }

  load = async (): Promise<void> => {
    const { execution, id } = this.props
    const types = listNodeTypes().then((list) => this.editor.setTypes(list as unknown as NodeType[]))
    await types.catch((error: unknown) => (this.session.error.value = error))
    if (this.session.error.value) return
    if (execution) await this.openRun(execution)
    else {
      await this.session.load(id)
      await this.latestData(id)
    }
  }

  private async openRun(execution: string): Promise<void> {
    try {
      const { version } = await this.run.versionOf(execution)
      await this.session.load(this.props.id)
      const newest = this.session.meta.value?.version === version && !this.session.dirty.value
      if (!newest) await this.session.load(this.props.id, version)
      this.run.follow(execution)
      this.ui.drawer.value = 'timeline'
    } catch (error) {
      this.session.error.value = error
    }
  }

  /** The fields of the last run feed completion and mapping, although its states are not shown. */
  private async latestData(workflow: string): Promise<void> {
    const latest = await listExecutions({ workflow_id: workflow }, null, 1).catch(() => undefined)
    if (latest?.items[0] && !this.run.execution.value) this.run.data.reset(latest.items[0].id)
  }

  save = (): Promise<boolean> => this.attempt(() => this.session.save())
  publish = (): Promise<boolean> => this.attempt(() => this.session.publish())
  stop = (): Promise<boolean> => this.attempt(() => this.run.cancel().then(() => true))
  retry = (): Promise<boolean> => this.attempt(() => this.run.retry().then(() => true))
  settle = (document: WorkflowDocument): Promise<boolean> => this.attempt(() => this.session.settle(document))

  /** What runs is what is saved: a draft becomes a version first. */
  start = (): Promise<boolean> =>
    this.attempt(async () => {
      if (!(await this.session.save())) return false
      const id = await this.run.start(this.props.id, (this.input.value ?? {}) as never)
      this.ui.drawer.value = 'timeline'
      this.show(id)
      return true
    })

  leaveRun = async (): Promise<void> => {
    const { historic } = this.session
    const last = this.run.execution.value
    this.run.close()
    this.show(undefined)
    this.ui.drawer.value = undefined
    if (historic.value) await this.session.load(this.props.id)
    this.run.data.reset(last)
  }

  /** From the palette's list: behind the focused node, when there is one that leads on. */
  pick = (type: NodeType): void => {
    const focus = this.editor.focusNode.value
    const after = focus && type.inputs.length > 0 && this.editor.views.get(focus)?.outs.length ? { after: { node: focus } } : {}
    this.place(type, after)
  }

  add = (type: NodeType): void => {
    const request = this.ui.adding.value ?? {}
    this.ui.adding.value = undefined
    this.place(type, request)
  }

  private place(type: NodeType, request: AddRequest): void {
    const scene = this.canvas.value?.scene
    rememberType(type.type)
    const id = addNode(this.editor, type, request, scene?.flow.centre() ?? { x: 0, y: 0 }, this.language.value)
    this.ui.toCanvas()
    if (id) setTimeout(() => scene?.reveal(id))
  }

  pasteText = (text: string): void => {
    if (!this.canvas.value?.actions.pasteText(text)) this.editor.announce('editor.said.not_nodes')
    this.canvas.value?.scene.fit()
  }

  setInput = (input: Json | undefined): void => {
    this.input.value = input
    writeInput(this.props.id, input)
  }

  keydown = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || this.editor.readOnly.value) return
    if (event.code === 'KeyS') void this.save()
    else if (event.code === 'Enter') void this.start()
    else if (event.code === 'KeyL') this.ui.drawer.value = this.ui.drawer.value ? undefined : 'timeline'
    else return
    event.preventDefault()
  }

  private async attempt(action: () => Promise<boolean>): Promise<boolean> {
    try {
      return await action()
    } catch (error) {
      const told = describeError(error, this.translate)
      toast('error', told.title, { detail: told.detail })
      if (this.editor.problems.value.some((problem) => problem.severity === 'error')) this.ui.showLeft('problems')
      return false
    }
  }
}
