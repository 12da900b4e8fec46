import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { keys } from './queries'
import type { WorkflowSummary } from './types'
import { listWorkflows } from './workflows'

const mostPages = 5

/** Executions name their workflow by id alone; the names come from the list, up to a thousand of the newest. */
async function newestWorkflows(signal: AbortSignal): Promise<WorkflowSummary[]> {
  const found: WorkflowSummary[] = []
  let cursor: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const answer = await listWorkflows({}, cursor, 200, signal)
    found.push(...answer.items)
    cursor = answer.next_cursor
    if (!cursor) break
  }
  return found
}

export function useWorkflowNames() {
  const { data } = useQuery({ queryKey: [...keys.workflows, 'names'], queryFn: ({ signal }) => newestWorkflows(signal), staleTime: 30_000 })
  const names = computed(() => new Map(data.value?.map((one) => [one.id, one.name])))
  const options = computed(() => (data.value ?? []).map((one) => ({ value: one.id, label: one.name })))
  const nameOf = (id: string | null) => (id ? (names.value.get(id) ?? id.slice(-8)) : '–')
  return { nameOf, options, workflows: computed(() => data.value ?? []) }
}
