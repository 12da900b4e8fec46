// Looking again and again while the page is looked at: how a run is followed where no WebSocket comes through.
import { getEvents } from './executions'
import { isFinal, type ExecutionEvent } from './types'

const shortest = 400
const longest = 5_000

/** An execution that is over may be retried by somebody: look again from time to time, but slowly. */
const afterTheEnd = 15_000

function shown(): Promise<void> {
  if (document.visibilityState === 'visible') return Promise.resolve()
  return new Promise((resolve) => {
    const look = () => {
      if (document.visibilityState !== 'visible') return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
  })
}

export async function poll(
  execution: string,
  after: () => number,
  onEvents: (events: ExecutionEvent[]) => void,
  signal: AbortSignal,
): Promise<void> {
  let wait = shortest
  let over = false
  while (!signal.aborted) {
    try {
      const page = await getEvents(execution, after(), { signal })
      if (signal.aborted) return
      const last = page.items.at(-1)
      if (last) {
        over = last.type === 'execution_finished' && isFinal(last.status ?? 'running')
        onEvents(page.items)
      }
      if (page.next_after !== null) continue
      wait = last ? shortest : Math.min(longest, wait * 1.5)
    } catch {
      // The page says that the server is away; here only the pace changes.
      wait = longest
    }
    await new Promise((resolve) => setTimeout(resolve, over ? afterTheEnd : wait))
    await shown()
  }
}
