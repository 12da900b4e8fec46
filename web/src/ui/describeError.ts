import { ApiError, unreachable } from '@/api/errors'

export interface ToldError {
  title: string
  detail: string
  cure: string
  code: string
}

type Translate = (key: string, values?: Record<string, unknown>) => string

const kinds: [number, string][] = [
  [401, 'signedOut'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [409, 'conflict'],
  [412, 'stale'],
  [413, 'tooLarge'],
  [429, 'busy'],
  [503, 'busy'],
]

/** The server says what is wrong; the title and the cure are ours, in the reader's language. */
export function describeError(error: unknown, t: Translate): ToldError {
  if (!(error instanceof ApiError)) {
    return {
      title: t('error.unknown.title'),
      detail: error instanceof Error ? error.message : String(error),
      cure: t('error.unknown.cure'),
      code: '',
    }
  }
  if (error.code === unreachable)
    return { title: t('error.unreachable.title'), detail: t('error.unreachable.detail'), cure: t('error.unreachable.cure'), code: '' }
  const kind = kinds.find(([status]) => status === error.status)?.[1] ?? (error.status >= 500 ? 'server' : 'invalid')
  return { title: t(`error.${kind}.title`), detail: error.detail, cure: t(`error.${kind}.cure`), code: error.code }
}
