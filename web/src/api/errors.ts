import { AxiosError, isCancel } from 'axios'
import type { Fault } from './types'

/** What went wrong with a call, as RFC 9457 tells it; `code` is stable and `mbflow explain CODE` knows its cure. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly faults: Fault[] = [],
    readonly retryAfter?: number,
  ) {
    super(detail)
    this.name = 'ApiError'
  }
}

/** No answer at all: the server is down, or the way to it. */
export const unreachable = 'client.unreachable'

export function toApiError(error: unknown): unknown {
  if (isCancel(error) || !(error instanceof AxiosError)) return error
  const response = error.response
  if (!response) return new ApiError(0, unreachable, error.message)
  const body: unknown = response.data
  const problem = (typeof body === 'object' && body !== null ? body : {}) as {
    code?: string
    detail?: string
    title?: string
    errors?: Fault[]
  }
  const retryAfter = Number(response.headers['retry-after'])
  return new ApiError(
    response.status,
    problem.code ?? `http.${response.status}`,
    problem.detail ?? problem.title ?? error.message,
    problem.errors ?? [],
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  )
}

/** What is wrong with one field of what was sent, by its JSON pointer. */
export function faultAt(error: unknown, pointer: string): string {
  return error instanceof ApiError ? (error.faults.find(({ at }) => at === pointer)?.message ?? '') : ''
}

export function isStatus(error: unknown, ...statuses: number[]): error is ApiError {
  return error instanceof ApiError && statuses.includes(error.status)
}
