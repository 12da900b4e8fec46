import { get, post, put, remove } from './client'
import type { Page } from './types'

interface Labels {
  title?: string
  description?: string
  labels?: Record<string, string>
}
export interface FieldSchema {
  title?: string
  description?: string
  format?: string
  enum?: string[]
  default?: string
  'x-lines'?: boolean
  'x-labels'?: Record<string, string>
}
/** As GET /credential-types describes it: a page knows no type by its name. */
export interface CredentialType {
  type: string
  title: string
  summary: string
  /** For HTTP requests: it has origins, and can be tried on an address. */
  http: boolean
  /** A person must agree to it on the other server. */
  consent?: boolean
  fields: { required?: string[]; properties: Record<string, FieldSchema> }
  text: Record<string, { title?: string; summary?: string; fields?: Record<string, Labels> } | undefined>
}

export interface Credential {
  id: string
  version: number
  name: string
  type: string
  fields: Record<string, string>
  /** The secret fields that have a value. */
  set: string[]
  origins: string[]
  token?: { obtained_at?: string; expires_at?: string }
  created_at: string
  updated_at: string
}
export interface CredentialInput {
  name: string
  type: string
  fields: Record<string, string>
  origins: string[]
}
export interface CredentialUse {
  workflow_id: string
  workflow_name: string
  version: number
  published: boolean
  node: string
  node_name: string
}
export interface Trial {
  ok: boolean
  message: string
  status: number | null
}

export interface Variable {
  id: string
  version: number
  environment: string
  name: string
  kind: 'text' | 'secret'
  value: string | null
  created_at: string
  updated_at: string
}
export interface VariableInput {
  name: string
  environment: string
  kind: 'text' | 'secret'
  value?: string
}

export const credentialKeys = { list: ['credentials'] as const, types: ['credential-types'] as const, variables: ['variables'] as const }

export const listCredentialTypes = (signal?: AbortSignal): Promise<{ items: CredentialType[] }> => get('/credential-types', { signal })
export const listCredentials = (signal?: AbortSignal): Promise<Page<Credential>> => get('/credentials', { signal })
export const createCredential = (input: CredentialInput): Promise<Credential> => post('/credentials', input)
export const saveCredential = (id: string, input: CredentialInput, version: number): Promise<Credential> =>
  put(`/credentials/${id}`, input, version)
export const deleteCredential = (id: string): Promise<void> => remove(`/credentials/${id}`)
export const credentialUses = (id: string, signal?: AbortSignal): Promise<{ items: CredentialUse[] }> =>
  get(`/credentials/${id}/uses`, { signal })
export const testCredential = (id: string, url: string): Promise<Trial> => post(`/credentials/${id}/test`, url ? { url } : {})
export const authorizeCredential = (id: string, redirect_uri: string): Promise<{ url: string }> =>
  post(`/credentials/${id}/authorize`, { redirect_uri })
export const finishCredential = (state: string, code: string): Promise<Credential> => post('/credentials/callback', { state, code })

export const listVariables = (signal?: AbortSignal): Promise<Page<Variable>> => get('/variables', { signal })
export const createVariable = (input: VariableInput): Promise<Variable> => post('/variables', input)
export const saveVariable = (id: string, input: VariableInput, version: number): Promise<Variable> =>
  put(`/variables/${id}`, input, version)
export const deleteVariable = (id: string): Promise<void> => remove(`/variables/${id}`)
