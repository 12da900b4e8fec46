import axios from 'axios'
import { get } from './client'
import type { NodeType, Page } from './types'

export async function listNodeTypes(signal?: AbortSignal): Promise<NodeType[]> {
  return (await get<Pick<Page<NodeType>, 'items'>>('/node-types', { signal })).items
}

/** Who answers, and which version; needs no key. */
export async function getHealth(signal?: AbortSignal): Promise<{ status: string; version: string }> {
  return (await axios.get<{ status: string; version: string }>('/healthz', { signal, timeout: 10_000 })).data
}
