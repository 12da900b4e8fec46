import { useQuery } from '@tanstack/vue-query'
import { loadSession } from './auth'
import { base, get, post, remove } from './client'

/** The OpenID Connect provider at which people may sign in, if this server has one. */
export interface Provider {
  name: string
}

const ways = (signal?: AbortSignal) => get<{ oidc: Provider | null }>('/auth/ways', { signal })

export function useProvider() {
  return useQuery({ queryKey: ['provider'], queryFn: async ({ signal }) => (await ways(signal)).oidc, staleTime: Infinity })
}

/** The browser itself goes there, and comes back signed in. */
export const signInThere = (returnTo: string): string => `${base}/auth/oidc?return_to=${encodeURIComponent(returnTo)}`

/** Where the browser goes next; it comes back to the page of the account. */
export const beginLink = async (password: string): Promise<string> => (await post<{ url: string }>('/auth/oidc/link', { password })).url

export async function unlink(): Promise<void> {
  await remove('/auth/oidc/link')
  await loadSession()
}
