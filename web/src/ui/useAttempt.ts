import { useQueryClient, type QueryKey } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { describeError } from './describeError'
import { toast } from './toast'

/** Does the work and tells how it went; what the keys name is read anew in any case. */
export function useAttempt(...changed: QueryKey[]) {
  const { t } = useI18n()
  const client = useQueryClient()

  return async function attempt(done: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      if (done) toast('done', done)
      return true
    } catch (error) {
      const told = describeError(error, t)
      toast('error', told.title, { detail: [told.detail, told.code].filter(Boolean).join(' · ') })
      return false
    } finally {
      for (const queryKey of changed) void client.invalidateQueries({ queryKey })
    }
  }
}
