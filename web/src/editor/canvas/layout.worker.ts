import { layoutGraph, type LayoutRequest } from './layout'

self.onmessage = (event: MessageEvent<LayoutRequest>) => {
  self.postMessage(layoutGraph(event.data))
}
