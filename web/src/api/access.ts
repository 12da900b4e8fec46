import { get, patch, post, put, remove } from './client'
import type { Role } from './session'
import type { Json, Page } from './types'

export interface User {
  id: string
  login: string
  name: string
  active: boolean
  created_at: string
  updated_at: string
}
export interface Member {
  user_id: string
  login: string
  role: Role
}
export interface Tenant {
  id: string
  name: string
  created_at: string
}
export interface ApiKey {
  id: string
  name: string
  role: Role
  scopes: string[]
  created_at: string
  expires_at: string | null
  revoked_at: string | null
  used_at: string | null
  /** Its secret: only in the answer that made it. */
  key?: string
}
export interface AuditRow {
  number: number
  at: string
  tenant_id: string
  actor: string
  action: string
  target: string
  detail: Json
  address: string
  seal: string
}
export interface MasterKey {
  id: string
  created_at: string
  entries: number
  seals: boolean
}

type Signal = AbortSignal | undefined
const paged = (cursor: string | null, signal: Signal) => ({ params: { cursor: cursor || undefined, limit: 50 }, signal })

export const listUsers = (cursor: string | null, signal?: Signal): Promise<Page<User>> => get('/users', paged(cursor, signal))
export const createUser = (user: { login: string; name: string; password: string; role?: Role }): Promise<User> => post('/users', user)
export const changeUser = (id: string, change: { name?: string; active?: boolean; password?: string }): Promise<User> =>
  patch(`/users/${id}`, change)

export const listTenants = (signal?: Signal): Promise<Page<Tenant>> => get('/tenants', { signal })
export const createTenant = (tenant: { name: string; owner?: string }): Promise<Tenant> => post('/tenants', tenant)

export const listMembers = (signal?: Signal): Promise<Page<Member>> => get('/members', { signal })
export const addMember = (login: string, role: Role): Promise<Member> => post('/members', { login, role })
export const changeMember = (id: string, role: Role): Promise<Member> => put(`/members/${id}`, { role }, undefined)
export const removeMember = (id: string): Promise<void> => remove(`/members/${id}`)

export const listApiKeys = (signal?: Signal): Promise<Page<ApiKey>> => get('/api-keys', { signal })
export const createApiKey = (key: { name: string; role: Role; scopes: string[]; expires_at?: string }): Promise<ApiKey> =>
  post('/api-keys', key)
export const revokeApiKey = (id: string): Promise<void> => remove(`/api-keys/${id}`)

export const listAudit = (cursor: string | null, signal?: Signal): Promise<Page<AuditRow>> => get('/audit', paged(cursor, signal))
export const verifyAudit = (): Promise<{ sound: boolean; rows: number | null; seal: string | null; fault: string | null }> =>
  get('/audit/verify', { timeout: 120_000 })

export const listMasterKeys = (signal?: Signal): Promise<{ items: MasterKey[] }> => get('/keys', { signal })
export const rotateMasterKey = (): Promise<{ resealed: number }> => post('/keys/rotate', null)

/** Every path of the API, from the document that describes it. */
export async function listApiPaths(signal?: Signal): Promise<string[]> {
  const { paths } = await get<{ paths: Record<string, unknown> }>('/api/openapi.json', { baseURL: '/', signal })
  return Object.keys(paths)
}
