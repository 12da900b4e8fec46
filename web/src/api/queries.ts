import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { getExecution, listExecutions, type ExecutionFilter } from './executions'
import { liveIsOpen } from './live'
import { listNodeTypes } from './nodeTypes'
import type { Execution } from './types'
import { isFinal } from './types'
import { getWorkflow, listWorkflows, type WorkflowFilter } from './workflows'

/** Reads are tried again by the client itself, so the cache does not do it a second time. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: true }, mutations: { retry: false } },
})

export const keys = {
  workflows: ['workflows'] as const,
  workflow: (id: string) => ['workflows', 'one', id] as const,
  executions: ['executions'] as const,
  execution: (id: string) => ['executions', 'one', id] as const,
  nodeTypes: ['node-types'] as const,
}

export function useWorkflowPages(filter: MaybeRefOrGetter<WorkflowFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => [...keys.workflows, 'list', toValue(filter)]),
    queryFn: ({ pageParam, signal }) => listWorkflows(toValue(filter), pageParam, 50, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  })
}

export function useWorkflow(id: MaybeRefOrGetter<string | null | undefined>, version?: MaybeRefOrGetter<number | undefined>) {
  return useQuery({
    queryKey: computed(() => [...keys.workflow(toValue(id) ?? ''), toValue(version) ?? 'newest']),
    queryFn: ({ signal }) => getWorkflow(toValue(id)!, toValue(version), signal),
    enabled: computed(() => !!toValue(id)),
  })
}

export function useExecutionPages(filter: MaybeRefOrGetter<ExecutionFilter>) {
  return useInfiniteQuery({
    queryKey: computed(() => [...keys.executions, 'list', toValue(filter)]),
    queryFn: ({ pageParam, signal }) => listExecutions(toValue(filter), pageParam, 100, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  })
}

export function useExecution(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.execution(toValue(id))),
    queryFn: ({ signal }) => getExecution(toValue(id), signal),
    refetchInterval: (query) => {
      const execution = query.state.data as Execution | undefined
      if (execution && isFinal(execution.status)) return false
      return liveIsOpen.value ? 15_000 : 2_000
    },
  })
}

export function useNodeTypes() {
  return useQuery({ queryKey: keys.nodeTypes, queryFn: ({ signal }) => listNodeTypes(signal), staleTime: Infinity })
}
