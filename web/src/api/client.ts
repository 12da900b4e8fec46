import axios, { type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { ApiError, toApiError, unreachable } from './errors'
import { noteAnswer, noteSilence } from './connection'
import { chosenTenant, session, sessionKey } from './session'

export const base = '/api/v1'
const attempts = 3
const longestWait = 10_000

type Options = Pick<AxiosRequestConfig, 'params' | 'signal' | 'timeout' | 'responseType' | 'headers' | 'baseURL'>
type SignedOut = () => void

let signedOut: SignedOut = () => {}

/** What happens when the server knows the key or the session no longer. The router sets it: this file knows no pages. */
export function onSignedOut(handler: SignedOut): void {
  signedOut = handler
}

const http = axios.create({ baseURL: base, timeout: 30_000 })

http.interceptors.request.use((config: InternalAxiosRequestConfig) => {
  if (sessionKey.value && !config.headers.has('Authorization')) config.headers.set('Authorization', `Bearer ${sessionKey.value}`)
  // No page of another origin can set this one: the server knows by it that a change was asked for here.
  if (config.method !== 'get') config.headers.set('X-CSRF', '1')
  if (!config.headers.has('Authorization') && chosenTenant()) config.headers.set('MBFlow-Tenant', chosenTenant())
  return config
})

http.interceptors.response.use(
  (response) => {
    noteAnswer()
    return response
  },
  (reason: unknown) => {
    const error = toApiError(reason)
    if (error instanceof ApiError) {
      if (error.code === unreachable) noteSilence()
      else noteAnswer()
      if (error.status === 401 && session.value) signedOut()
    }
    return Promise.reject(error)
  },
)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function worthAnotherTry(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.code === unreachable || error.status === 503 || error.status === 429)
}

/** Only reads are tried again by themselves: a write may have been heard although its answer was lost. */
export async function get<T>(path: string, options: Options = {}): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await http.get<T>(path, options)).data
    } catch (error) {
      if (attempt >= attempts || !worthAnotherTry(error) || options.signal?.aborted) throw error
      await pause(Math.min(longestWait, error.retryAfter ? error.retryAfter * 1000 : 250 * 3 ** (attempt - 1)))
    }
  }
}

export async function post<T>(path: string, body: unknown = {}, options: Options = {}): Promise<T> {
  const headers = { 'Idempotency-Key': crypto.randomUUID(), ...options.headers }
  return (await http.post<T>(path, body, { ...options, headers })).data
}

/** `version` is the one that was read: the server refuses (412) when somebody else has saved since. */
export async function put<T>(path: string, body: unknown, version: number | undefined, options: Options = {}): Promise<T> {
  const headers = version === undefined ? options.headers : { 'If-Match': `"${version}"`, ...options.headers }
  return (await http.put<T>(path, body, { ...options, headers })).data
}

export async function patch<T>(path: string, body: unknown): Promise<T> {
  return (await http.patch<T>(path, body)).data
}

export async function remove(path: string, options: Options = {}): Promise<void> {
  await http.delete(path, options)
}
