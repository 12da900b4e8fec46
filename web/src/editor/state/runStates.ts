// The state of a run on the canvas: one shallow ref per node. However many events come, they are shown sixteen times a
// second: nobody reads faster, and what is drawn more often is only warm.
import { shallowRef, triggerRef, type ShallowRef } from 'vue'
import { foldEvents, noRun, type NodeRun, type RunEvent, type RunState } from '../run/events'
import { Pace } from './pace'

export class RunStates {
  readonly state: ShallowRef<RunState> = shallowRef(noRun)
  readonly active: ShallowRef<boolean> = shallowRef(false)
  private readonly nodes = new Map<string, ShallowRef<NodeRun | undefined>>()
  private waiting: RunEvent[] = []
  private readonly pace = new Pace(60, () => this.flush())

  of(id: string): ShallowRef<NodeRun | undefined> {
    let run = this.nodes.get(id)
    if (!run) this.nodes.set(id, (run = shallowRef<NodeRun | undefined>(this.state.value.nodes.get(id))))
    return run
  }

  /** Shows exactly this state: the film does so, and a run that begins. */
  show(state: RunState): void {
    this.drop()
    this.active.value = true
    this.set(state)
  }

  clear(): void {
    this.drop()
    this.active.value = false
    this.set(noRun)
  }

  push(events: readonly RunEvent[]): void {
    this.waiting.push(...events)
    this.pace.ask()
  }

  private flush(): void {
    const events = this.waiting
    this.waiting = []
    this.set(foldEvents(this.state.value, events))
  }

  private drop(): void {
    this.pace.drop()
    this.waiting = []
  }

  private set(state: RunState): void {
    if (state === this.state.value) return
    this.state.value = state
    for (const [id, run] of this.nodes) {
      const next = state.nodes.get(id)
      if (run.value !== next) run.value = next
    }
    triggerRef(this.state)
  }
}
