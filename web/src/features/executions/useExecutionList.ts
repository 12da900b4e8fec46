import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { listExecutions, type ExecutionFilter } from '@/api/executions'
import { keys, useExecutionPages } from '@/api/queries'
import { mergeHead } from './liveHead'

const every = 4_000

/** Pages of executions, back to `since`; the states of the newest follow, and newer ones are counted. */
export function useExecutionList(filter: Ref<ExecutionFilter>, since: Ref<number | undefined>) {
  const pages = useExecutionPages(filter)
  const head = useQuery({
    queryKey: computed(() => [...keys.executions, 'head', filter.value]),
    queryFn: ({ signal }) => listExecutions(filter.value, null, 100, signal),
    refetchInterval: every,
    enabled: computed(() => pages.isSuccess.value),
  })

  const known = computed(() => pages.data.value?.pages.flatMap((page) => page.items) ?? [])
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
