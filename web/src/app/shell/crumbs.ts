import { onScopeDispose, ref, watchEffect } from 'vue'

/** The name of what the page shows, such as of a workflow; the way to it comes from the route. */
export const pageName = ref('')

export function usePageName(name: () => string | undefined): void {
  watchEffect(() => (pageName.value = name() ?? ''))
  onScopeDispose(() => (pageName.value = ''))
}
