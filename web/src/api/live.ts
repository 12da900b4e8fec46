// What happens on the server, as it happens: by the WebSocket, and where that does not come through by looking again and again.
import { base } from './client'
import { poll } from './livePoll'
import { LiveSocket, type LiveMessage } from './liveSocket'
import { sessionKey } from './session'
import type { ExecutionEvent, ExecutionSummary } from './types'

export interface Live {
  /** New events of one execution, in order and without gaps, from after the number `after` on. */
  subscribe(execution: string, after: number, onEvents: (events: ExecutionEvent[]) => void): () => void
  /** The rows of a workflow's executions (none given: of all) that have changed; `undefined`: more than can be told, read them anew. */
  watchList(workflow: string | undefined, onRows: (rows: ExecutionSummary[] | undefined) => void): () => void
}

/** A page can set no headers on a WebSocket: the key stands among the protocols that it offers. A session has its cookie. */
function connect(): WebSocket {
  const url = new URL(`${base}/live`, location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  return new WebSocket(url, sessionKey.value ? ['mbflow.live', `bearer.${sessionKey.value}`] : ['mbflow.live'])
}

const socket = new LiveSocket(connect)
export const liveIsOpen = socket.open

/** Bursts are handed on once a picture; a page that nobody sees takes its time. */
function perFrame<T>(work: (all: T[]) => void): { add(some: T[]): void; drop(): void } {
  let waiting: T[] = []
  const flush = () => {
    const all = waiting
    waiting = []
    if (all.length) work(all)
  }
  return {
    add(some) {
      if (!waiting.length && some.length) {
        if (document.visibilityState === 'visible') requestAnimationFrame(flush)
        else setTimeout(flush, 1_000)
      }
      waiting.push(...some)
    },
    drop: () => (waiting = []),
  }
}

export const live: Live = {
  subscribe(execution, after, onEvents) {
    let polling: AbortController | undefined
    const frame = perFrame(onEvents)
    const take = (events: ExecutionEvent[]) => {
      // The two ways may overlap for a moment: each event is handed on once.
      const fresh = events.filter((event) => event.seq > after)
      after = fresh.at(-1)?.seq ?? after
      frame.add(fresh)
    }
    const served = (yes: boolean) => {
      if (yes) {
        polling?.abort()
        polling = undefined
      } else if (!polling) {
        polling = new AbortController()
        void poll(execution, () => after, take, polling.signal)
      }
    }
    const stop = socket.subscribe({
      topic: () => ({ topic: 'execution', execution, after }),
      take: (message: LiveMessage) => take(message.events ?? []),
      served,
    })
    return () => {
      stop()
      served(true)
      frame.drop()
    }
  },

  watchList(workflow, onRows) {
    const frame = perFrame<ExecutionSummary>((rows) => onRows([...new Map(rows.map((row) => [row.id, row])).values()]))
    const stop = socket.subscribe({
      topic: () => (workflow ? { topic: 'workflow', workflow } : { topic: 'executions' }),
      take: (message) => (message.type === 'reload' ? onRows(undefined) : frame.add(message.items ?? [])),
      // What happened while nobody listened is in the list.
      served: (yes) => yes && onRows(undefined),
    })
    return () => {
      stop()
      frame.drop()
    }
  },
}
