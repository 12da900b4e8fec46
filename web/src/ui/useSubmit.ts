import { ref, shallowRef } from 'vue'
import { faultAt } from '@/api/errors'

/** What a form does when it is sent: once at a time, and what went wrong stays until the next try. */
export function useSubmit() {
  const busy = ref(false)
  const error = shallowRef<unknown>()

  async function submit(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    error.value = undefined
    try {
      await work()
      return true
    } catch (reason) {
      error.value = reason
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, error, submit, at: (pointer: string) => faultAt(error.value, pointer) }
}
