import { useQueryClient } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { cancelExecution, retryExecution } from '@/api/executions'
import { keys } from '@/api/queries'
import { may } from '@/api/session'
import { isFinal, type ExecutionStatus } from '@/api/types'
import { confirm } from '@/ui/confirm'
import { describeError } from '@/ui/describeError'
import { toast } from '@/ui/toast'

export const canRetry = (status: ExecutionStatus) => may('retry_execution') && ['failed', 'cancelled', 'held'].includes(status)
export const canCancel = (status: ExecutionStatus) => may('cancel_execution') && !isFinal(status)

const atATime = 4

/** A few at a time: a thousand calls at once help nobody. */
async function each(ids: string[], work: (id: string) => Promise<unknown>): Promise<unknown[]> {
  const faults: unknown[] = []
  const queue = [...ids]
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) await work(id).catch((error: unknown) => faults.push(error))
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  return faults
}

export function useExecutionCommands() {
  const { t } = useI18n()
  const client = useQueryClient()

  async function run(
    ids: string[],
    done: 'executions.retried' | 'executions.cancelled',
    work: (id: string) => Promise<unknown>,
  ): Promise<void> {
    const faults = await each(ids, work)
    const good = ids.length - faults.length
    if (good) toast('done', t(done, { n: good }, good))
    if (faults.length) {
      const told = describeError(faults[0], t)
      toast('error', t('executions.refused', { n: faults.length }, faults.length), { detail: `${told.detail} ${told.code}` })
    }
    await client.invalidateQueries({ queryKey: keys.executions })
  }

  return {
    retry: (ids: string[]) => run(ids, 'executions.retried', retryExecution),
    async cancel(ids: string[]) {
      const sure = await confirm({
        title: t('executions.cancel'),
        text: t('executions.cancelText', { n: ids.length }, ids.length),
        yes: t('executions.cancelYes'),
        danger: true,
      })
      if (sure) await run(ids, 'executions.cancelled', cancelExecution)
    },
  }
}
