// The run that is shown: started here or opened from its history, followed while it goes on, replayed as a film.
import { computed, ref, shallowRef, triggerRef, type ShallowRef } from 'vue'
import { cancelExecution, getExecution, retryExecution } from '@/api/executions'
import { live } from '@/api/live'
import { executeWorkflow } from '@/api/workflows'
import type { Json } from '@/api/types'
import type { Editor } from '../state/editor'
import { Pace } from '../state/pace'
import { foldEvents, isOver, noRun, type RunEvent } from './events'
import { RunData } from './runData'

export class RunSession {
  readonly execution = ref<string>()
  readonly version = ref<number>()
  /** One growing list: copying it with each batch would cost more the longer a run goes on. Watch its length. */
  readonly events: ShallowRef<RunEvent[]> = shallowRef([])
  /** How many events the film has shown; undefined: it stands at the end and goes on with the run. */
  readonly frame = ref<number>()
  readonly data = new RunData()
  readonly starting = ref(false)
  readonly going = computed(
    () => this.execution.value !== undefined && !isOver(this.editor.runs.state.value.status) && this.frame.value === undefined,
  )
  private readonly shown = new Pace(100, () => triggerRef(this.events))
  private stop: (() => void) | undefined

  constructor(private readonly editor: Editor) {}

  async start(workflow: string, input: Json): Promise<string> {
    this.starting.value = true
    try {
      const { id } = await executeWorkflow(workflow, input)
      this.follow(id)
      this.editor.announce('editor.said.started')
      return id
    } finally {
      this.starting.value = false
    }
  }

  /** The version the execution ran, to be drawn with its states. */
  async versionOf(execution: string): Promise<{ workflow: string | null; version: number }> {
    const { workflow_id, version } = await getExecution(execution)
    this.version.value = version
    return { workflow: workflow_id, version }
  }

  follow(execution: string): void {
    this.stop?.()
    this.execution.value = execution
    this.events.value = []
    this.frame.value = undefined
    this.data.reset(execution)
    this.editor.runs.show(noRun)
    this.stop = live.subscribe(execution, 0, (events) => this.take(events as unknown as RunEvent[]))
  }

  private take(events: readonly RunEvent[]): void {
    for (const event of events) this.events.value.push(event)
    this.shown.ask()
    if (this.frame.value === undefined) this.editor.runs.push(events)
    const end = events.findLast((event) => event.type === 'execution_finished')
    if (!end) return
    this.editor.announce(`editor.said.run_${end.status ?? 'succeeded'}`)
    void this.data.load().catch(() => undefined)
  }

  /** Shows the run as it was after so many events. */
  seek(frame: number | undefined): void {
    const events = this.events.value
    const at = frame === undefined || frame >= events.length ? undefined : Math.max(0, frame)
    this.frame.value = at
    this.editor.runs.show(foldEvents(noRun, at === undefined ? events : events.slice(0, at)))
  }

  async cancel(): Promise<void> {
    if (this.execution.value) await cancelExecution(this.execution.value)
  }

  async retry(): Promise<void> {
    const { value: id } = this.execution
    if (!id) return
    await retryExecution(id)
    this.follow(id)
  }

  close(): void {
    this.stop?.()
    this.stop = undefined
    this.shown.drop()
    this.execution.value = undefined
    this.version.value = undefined
    this.events.value = []
    this.frame.value = undefined
    this.data.reset(undefined)
    this.editor.runs.clear()
  }
}
