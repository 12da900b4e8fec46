// What nodes gave in one execution, fetched only when somebody looks. Large runs are read page by page, up to a limit.
import { shallowRef, type ShallowRef } from 'vue'
import { getEvents } from '@/api/executions'
import type { Json } from '../document/types'
import type { RunEvent } from './events'

export type NodeOutput = Readonly<Record<string, readonly Json[]>>

const PAGE = 500
const PAGES = 20

export class RunData {
  readonly outputs: ShallowRef<ReadonlyMap<string, NodeOutput>> = shallowRef(new Map())
  readonly input: ShallowRef<readonly Json[] | undefined> = shallowRef()
  private execution: string | undefined
  private after = 0
  private loading: Promise<void> | undefined

  /** Shows nothing of another execution any more. */
  reset(execution: string | undefined): void {
    if (execution === this.execution) return
    this.execution = execution
    this.after = 0
    this.outputs.value = new Map()
    this.input.value = undefined
  }

  /** Reads what came since the last time. */
  load(): Promise<void> {
    this.loading ??= this.read().finally(() => (this.loading = undefined))
    return this.loading
  }

  private async read(): Promise<void> {
    const { execution } = this
    for (let page = 0; execution && page < PAGES; page++) {
      const { items, next_after } = await getEvents(execution, this.after, { output: true, limit: PAGE })
      if (execution !== this.execution) return
      this.take(items as unknown as RunEvent[])
      if (next_after === null) return
    }
  }

  private take(events: readonly RunEvent[]): void {
    const outputs = new Map(this.outputs.value)
    for (const event of events) {
      this.after = Math.max(this.after, event.seq)
      if (event.node && event.output) outputs.set(event.node, plain(event.output))
      if (event.type === 'execution_started') this.input.value = itemsOf(event.data?.['input'])
    }
    this.outputs.value = outputs
  }
}

const plain = (output: NonNullable<RunEvent['output']>): NodeOutput =>
  Object.fromEntries(Object.entries(output).map(([port, items]) => [port, items.map((item) => item.json)]))

function itemsOf(input: Json | undefined): readonly Json[] | undefined {
  if (input === undefined) return undefined
  return Array.isArray(input) ? input : [input]
}
