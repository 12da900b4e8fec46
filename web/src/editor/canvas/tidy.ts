// Asks the worker for a layout. A newer request ends the older one: its worker is stopped, not waited for.
import type { LayoutRequest, Places } from './layout'

let running: Worker | undefined

export function tidyPlaces(request: LayoutRequest): Promise<Places | undefined> {
  running?.terminate()
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' })
  running = worker
  return new Promise((resolve) => {
    const end = (places: Places | undefined) => {
      worker.terminate()
      if (running === worker) running = undefined
      resolve(places)
    }
    worker.onmessage = (event: MessageEvent<Places>) => end(event.data)
    worker.onerror = () => end(undefined)
    worker.postMessage(request)
  })
}
