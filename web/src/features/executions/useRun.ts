import { useQueryClient } from '@tanstack/vue-query'
import { useThrottleFn } from '@vueuse/core'
import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { live } from '@/api/live'
import { keys } from '@/api/queries'
import type { ExecutionEvent } from '@/api/types'
import { emptyTimeline, reduce } from './timeline'

/** The journal of one execution, as far as it is known, growing while it runs. */
export function useRun(id: Ref<string>) {
  const client = useQueryClient()
  const events = shallowRef<ExecutionEvent[]>([])
  const timeline = shallowRef(emptyTimeline)
  let stop = () => {}
  // Its states are in the events; what only the server reckons may come a little later.
  const refresh = useThrottleFn((of: string) => client.invalidateQueries({ queryKey: keys.execution(of) }), 300, true)

  function begin(): void {
    stop()
    stop = live.subscribe(id.value, timeline.value.seq, (fresh) => {
      const unseen = fresh.filter((event) => event.seq > timeline.value.seq)
      if (!unseen.length) return
      events.value = [...events.value, ...unseen]
      timeline.value = unseen.reduce(reduce, timeline.value)
      void refresh(id.value)
    })
  }

  watch(
    id,
    () => {
      events.value = []
      timeline.value = emptyTimeline
      begin()
    },
    { immediate: true },
  )
  onScopeDispose(() => stop())
  return { events, timeline, follow: begin }
}
