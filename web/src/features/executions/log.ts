import type { ExecutionEvent, Schema } from '@/api/types'

export type Level = Schema['LogLevel']
export const levels: readonly Level[] = ['debug', 'info', 'warn', 'error']

/** A line of the log: of a node (`text`), or what the engine did (`event`). */
export interface LogLine {
  key: string
  at: string
  level: Level
  node?: string
  text?: string
  event?: ExecutionEvent
}

const LEVEL_OF: Readonly<Record<string, Level>> = {
  execution_queued: 'info',
  execution_started: 'info',
  execution_retried: 'info',
  execution_finished: 'info',
  node_decided: 'info',
  node_retrying: 'warn',
  execution_cancelling: 'warn',
  execution_resumed: 'warn',
  node_failed: 'error',
  node_held: 'error',
  node_quarantined: 'error',
}

function levelOf(event: ExecutionEvent): Level {
  return event.status === 'failed' ? 'error' : (LEVEL_OF[event.type] ?? 'debug')
}

/** What nodes wrote stands before the event that it was saved with. */
export function logOf(events: readonly ExecutionEvent[]): LogLine[] {
  return events.flatMap((event) => [
    ...(event.log ?? []).map(({ at, level, text }, index) => ({ key: `${event.seq}.${index}`, at, level, node: event.node, text })),
    { key: String(event.seq), at: event.at, level: levelOf(event), node: event.node, event },
  ])
}

export const atLeast = (line: LogLine, level: Level): boolean => levels.indexOf(line.level) >= levels.indexOf(level)
