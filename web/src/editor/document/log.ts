// The document store: the current snapshot and the log of commands that led to it. Undo is exact because a step keeps
// the snapshots themselves; they share their parts, so a step costs what it changed.
import { coalesceKey, type Command, type CommandType } from './commands'
import { apply } from './reduce'
import type { WorkflowDocument } from './types'

export interface Step {
  readonly label: CommandType
  readonly key: string | undefined
  readonly at: number
  readonly before: WorkflowDocument
  readonly after: WorkflowDocument
}

export type Reason = 'load' | 'edit' | 'undo' | 'redo'
export type Listener = (document: WorkflowDocument, reason: Reason) => void

const BURST_MS = 800
const LONGEST = 1_000

export class DocumentStore {
  private current: WorkflowDocument
  private done: Step[] = []
  private undone: Step[] = []
  private readonly listeners = new Set<Listener>()
  private open = true

  constructor(
    document: WorkflowDocument,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.current = document
  }

  get document(): WorkflowDocument {
    return this.current
  }
  get canUndo(): boolean {
    return this.done.length > 0
  }
  get canRedo(): boolean {
    return this.undone.length > 0
  }
  get steps(): readonly Step[] {
    return this.done
  }

  /** Opens another document: there is nothing to undo in it. */
  load(document: WorkflowDocument): void {
    this.done = []
    this.undone = []
    this.set(document, 'load')
  }

  /** Returns whether the command changed anything; what changes nothing leaves no step to undo. */
  run(command: Command): boolean {
    return this.runAll(command.type, [command])
  }

  /** Several commands as one step, named after what the person did. */
  runAll(label: CommandType, commands: readonly Command[]): boolean {
    const before = this.current
    const after = commands.reduce(apply, before)
    if (after === before) return false
    const only = commands.length === 1 ? commands[0] : undefined
    this.remember({ label, key: only && coalesceKey(only), at: this.now(), before, after })
    this.set(after, 'edit')
    return true
  }

  /** The next command starts a step of its own, even if it would fit the burst before it. */
  endBurst(): void {
    this.open = false
  }

  undo(): Step | undefined {
    const step = this.done.pop()
    if (!step) return undefined
    this.undone.push(step)
    this.open = false
    this.set(step.before, 'undo')
    return step
  }

  redo(): Step | undefined {
    const step = this.undone.pop()
    if (!step) return undefined
    this.done.push(step)
    this.open = false
    this.set(step.after, 'redo')
    return step
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private remember(step: Step): void {
    const last = this.done.at(-1)
    const joins = this.open && last && step.key !== undefined && last.key === step.key && step.at - last.at < BURST_MS
    if (joins) this.done[this.done.length - 1] = { ...step, before: last.before }
    else this.done.push(step)
    if (this.done.length > LONGEST) this.done.shift()
    this.undone = []
    this.open = true
  }

  private set(document: WorkflowDocument, reason: Reason): void {
    this.current = document
    for (const listener of this.listeners) listener(document, reason)
  }
}
