// Drafts live in the browser, apart from saved versions: closing the tab loses nothing, and nobody else sees them.
import type { WorkflowDocument } from '../document/types'

export interface Draft {
  readonly id: string
  /** The version the draft began from, as it was. */
  readonly version: number
  readonly base: WorkflowDocument
  readonly document: WorkflowDocument
  readonly at: number
}

const STORE = 'drafts'

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('mbflow-editor', 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' })
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

async function use<T>(mode: IDBTransactionMode, action: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  // Private windows may have no database: the editor works without drafts then.
  const database = await open().catch(() => undefined)
  if (!database) return undefined
  return new Promise((resolve) => {
    const request = action(database.transaction(STORE, mode).objectStore(STORE))
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => resolve(undefined)
  }).finally(() => database.close()) as Promise<T | undefined>
}

export const readDraft = (id: string): Promise<Draft | undefined> => use('readonly', (store) => store.get(id) as IDBRequest<Draft>)
// Through JSON: what a snapshot shares or wraps cannot be stored as it is.
export const keepDraft = (draft: Draft): Promise<unknown> => use('readwrite', (store) => store.put(JSON.parse(JSON.stringify(draft))))
export const dropDraft = (id: string): Promise<unknown> => use('readwrite', (store) => store.delete(id))
