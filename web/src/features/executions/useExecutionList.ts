import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, watch, type Ref } from 'vue'
import { listExecutions, type ExecutionFilter } from '@/api/executions'
import { live, liveIsOpen } from '@/api/live'
import { keys, useExecutionPages } from '@/api/queries'
import type { ExecutionSummary, Page } from '@/api/types'
import { headLength, mergeHead, patchHead } from './liveHead'

const every = 4_000
const everyWhileLive = 30_000

/** Pages of executions, back to `since`; the states of the newest follow, and newer ones are counted. */
export function useExecutionList(filter: Ref<ExecutionFilter>, since: Ref<number | undefined>) {
  const pages = useExecutionPages(filter)
  const client = useQueryClient()
  const headKey = computed(() => [...keys.executions, 'head', filter.value])
  const head = useQuery({
    queryKey: headKey,
    queryFn: ({ signal }) => listExecutions(filter.value, null, headLength, signal),
    refetchInterval: () => (liveIsOpen.value ? everyWhileLive : every),
    enabled: computed(() => pages.isSuccess.value),
  })

  const known = computed(() => pages.data.value?.pages.flatMap((page) => page.items) ?? [])
  const ids = computed(() => new Set(known.value.map((one) => one.id)))

  function take(changed: ExecutionSummary[] | undefined): void {
    if (!changed) return void head.refetch()
    client.setQueryData<Page<ExecutionSummary>>(
      headKey.value,
      (page) => page && { ...page, items: patchHead(page.items, changed, filter.value, (id) => ids.value.has(id)) },
    )
  }
  let stop = () => {}
  watch(
    () => filter.value.workflow_id,
    (workflow) => {
      stop()
      stop = live.watchList(workflow, take)
    },
    { immediate: true },
  )
  onScopeDispose(() => stop())

  const merged = computed(() => mergeHead(known.value, head.data.value?.items ?? known.value))
  const inTime = (at: string) => since.value === undefined || Date.parse(at) >= since.value
  const rows = computed(() => merged.value.rows.filter((one) => inTime(one.created_at)))
  // The list is ordered by time: behind the first that is too old there is nothing.
  const atEnd = computed(() => !pages.hasNextPage.value || rows.value.length < merged.value.rows.length)

  function more(): void {
    if (!atEnd.value && !pages.isFetchingNextPage.value) void pages.fetchNextPage()
  }
  return { ...pages, rows, fresh: computed(() => merged.value.fresh), atEnd, more }
}
