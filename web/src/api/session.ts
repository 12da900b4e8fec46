import { ref, shallowRef } from 'vue'

export const roles = ['viewer', 'operator', 'editor', 'admin', 'owner'] as const
export type Role = (typeof roles)[number]

/** Who is signed in, as the server tells it. */
export interface Session {
  kind: 'user' | 'key'
  id: string
  name: string
  tenant_id: string
  /** In that tenant; null for a user who is member of none. */
  role: Role | null
  scopes: string[]
  /** The operations of the API that they may call, by operationId: what a page offers follows from this list alone. */
  operations: string[]
  tenants: { id: string; name: string; role: Role }[]
}

const keyPlace = 'mbflow.key'
const tenantPlace = 'mbflow.tenant'

export const session = shallowRef<Session>()

/** Of a person who signed in with an API key; users have a cookie that no script can read. It goes when the tab is closed. */
const key = ref(sessionStorage.getItem(keyPlace) ?? '')
export const sessionKey = key as Readonly<typeof key>

/** Whether whoever is signed in may call all of these. */
export function may(...operations: string[]): boolean {
  const own = session.value?.operations
  return !!own && operations.every((operation) => own.includes(operation))
}

export function keepKey(next: string): void {
  key.value = next
  sessionStorage.setItem(keyPlace, next)
}

/** Forgets who was signed in; what the server knows of them is its own matter. */
export function forgetSession(): void {
  session.value = undefined
  key.value = ''
  sessionStorage.removeItem(keyPlace)
}

/** Which tenant a user of several works in; "": the first. */
export const chosenTenant = (): string => localStorage.getItem(tenantPlace) ?? ''

export function chooseTenant(id: string): void {
  if (id) localStorage.setItem(tenantPlace, id)
  else localStorage.removeItem(tenantPlace)
}
