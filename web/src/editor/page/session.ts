// One workflow being edited: where it came from, whether it differs from what is saved, saving, publishing, merging.
import { computed, ref, shallowRef, watch } from 'vue'
import { ApiError, isStatus } from '@/api/errors'
import { getWorkflow, publishWorkflow, saveWorkflow, validateWorkflow } from '@/api/workflows'
import { merge, type Merge } from '../document/merge'
import { fromServer } from '../document/problems'
import { documentOf, same, type JsonObject, type WorkflowDocument, type WorkflowMeta } from '../document/types'
import type { Editor } from '../state/editor'
import { dropDraft, keepDraft, readDraft } from './drafts'

export interface PendingMerge {
  readonly mine: WorkflowDocument
  readonly theirs: WorkflowDocument
  readonly base: WorkflowDocument
  readonly meta: WorkflowMeta
  readonly result: Merge
  /** Saved again once it is settled; a draft that only met a newer version is not. */
  readonly thenSave: boolean
}

const DRAFT_AFTER = 600
const VALIDATE_AFTER = 500

/** What came from the server; one that was never drawn gets its places here, so that no two nodes lie on each other. */
async function arrived(answer: JsonObject): Promise<WorkflowDocument> {
  const document = documentOf(answer)
  const drawn = document.nodes.some((node) => node.position)
  if (drawn || document.nodes.length < 2) return document
  const { layoutGraph, PLAIN_HEIGHT } = await import('../canvas/layout')
  const places = layoutGraph({
    nodes: document.nodes.map(({ id }) => ({ id, height: PLAIN_HEIGHT })),
    edges: document.edges.map(({ source, target }) => ({ source, target })),
    origin: { x: 0, y: 0 },
  })
  return { ...document, nodes: document.nodes.map((node) => ({ ...node, position: { ...places[node.id]! } })) }
}

export class Session {
  readonly meta = shallowRef<WorkflowMeta>()
  readonly base = shallowRef<WorkflowDocument>()
  readonly busy = ref<'load' | 'save' | 'publish'>()
  readonly error = shallowRef<unknown>()
  readonly merging = shallowRef<PendingMerge>()
  readonly historic = ref(false)
  readonly savedAt = ref<number>()
  readonly dirty = computed(() => {
    const [now, saved] = [this.editor.document.value, this.base.value]
    return !this.historic.value && saved !== undefined && now !== saved && !same(now, saved)
  })
  private draftTimer: ReturnType<typeof setTimeout> | undefined
  private checkTimer: ReturnType<typeof setTimeout> | undefined
  private checking: AbortController | undefined

  constructor(private readonly editor: Editor) {
    watch(editor.document, () => this.changed())
  }

  async load(id: string, version?: number): Promise<void> {
    this.busy.value = 'load'
    this.error.value = undefined
    try {
      const answer = (await getWorkflow(id, version)) as unknown as JsonObject
      const document = await arrived(answer)
      this.historic.value = version !== undefined
      this.base.value = document
      this.meta.value = answer as unknown as WorkflowMeta
      this.editor.store.load(document)
      if (!this.historic.value) await this.restore(document)
    } catch (error) {
      this.error.value = error
    } finally {
      this.busy.value = undefined
    }
  }

  private async restore(document: WorkflowDocument): Promise<void> {
    const meta = this.meta.value!
    const draft = await readDraft(meta.id)
    if (!draft || same(draft.document, document)) return
    if (draft.version === meta.version) {
      this.editor.store.run({ type: 'replace', document: draft.document })
      this.editor.announce('editor.said.draft_restored')
      return
    }
    this.offerMerge(draft.base, draft.document, document, meta, false)
  }

  /** Returns whether the workflow is saved now. */
  async save(): Promise<boolean> {
    const { meta, editor } = this
    if (!meta.value || this.historic.value || this.busy.value) return false
    if (!this.dirty.value) return true
    const sent = editor.document.value
    this.busy.value = 'save'
    try {
      this.saved(sent, (await saveWorkflow(meta.value.id, sent, meta.value.version)) as unknown as WorkflowMeta)
      return true
    } catch (error) {
      if (isStatus(error, 412)) await this.meetOther(sent)
      else this.refused(error)
      return false
    } finally {
      this.busy.value = undefined
    }
  }

  private saved(sent: WorkflowDocument, meta: WorkflowMeta): void {
    this.base.value = sent
    this.meta.value = { ...this.meta.value!, ...pick(meta) }
    this.savedAt.value = Date.now()
    void dropDraft(meta.id)
    this.editor.announce('editor.said.saved', { version: meta.version })
  }

  private refused(error: unknown): void {
    const faults = error instanceof ApiError ? error.faults : []
    if (!faults.length) throw error
    this.editor.serverProblems.value = fromServer(this.editor.document.value, faults, [])
    throw error
  }

  private async meetOther(mine: WorkflowDocument): Promise<void> {
    const answer = (await getWorkflow(this.meta.value!.id)) as unknown as JsonObject
    this.offerMerge(this.base.value!, mine, await arrived(answer), answer as unknown as WorkflowMeta, true)
  }

  private offerMerge(
    base: WorkflowDocument,
    mine: WorkflowDocument,
    theirs: WorkflowDocument,
    meta: WorkflowMeta,
    thenSave: boolean,
  ): void {
    this.merging.value = { base, mine, theirs, meta, thenSave, result: merge(base, mine, theirs) }
  }

  /** Takes what the dialog settled on; it can be undone like any edit. */
  async settle(document: WorkflowDocument): Promise<boolean> {
    const pending = this.merging.value
    if (!pending) return false
    this.merging.value = undefined
    this.base.value = pending.theirs
    this.meta.value = { ...this.meta.value!, ...pick(pending.meta) }
    this.editor.store.run({ type: 'replace', document })
    return pending.thenSave ? this.save() : true
  }

  /** The draft stays; the next save meets the other version again. */
  postpone(): void {
    this.merging.value = undefined
  }

  async publish(): Promise<boolean> {
    if (!(await this.save())) return false
    this.busy.value = 'publish'
    try {
      this.meta.value = { ...this.meta.value!, ...pick((await publishWorkflow(this.meta.value!.id)) as unknown as WorkflowMeta) }
      this.editor.announce('editor.said.published', { version: this.meta.value.version })
      return true
    } finally {
      this.busy.value = undefined
    }
  }

  discard(): void {
    if (this.base.value) this.editor.store.run({ type: 'replace', document: this.base.value })
  }

  private changed(): void {
    clearTimeout(this.draftTimer)
    clearTimeout(this.checkTimer)
    if (this.historic.value || !this.meta.value) return
    this.draftTimer = setTimeout(() => void this.keep(), DRAFT_AFTER)
    this.checkTimer = setTimeout(() => void this.validate(), VALIDATE_AFTER)
  }

  async keep(): Promise<void> {
    const [meta, base] = [this.meta.value, this.base.value]
    if (!meta || !base || this.historic.value || this.merging.value) return
    if (this.dirty.value)
      await keepDraft({ id: meta.id, version: meta.version, base, document: this.editor.document.value, at: Date.now() })
    else await dropDraft(meta.id)
  }

  async validate(): Promise<void> {
    this.checking?.abort()
    const call = (this.checking = new AbortController())
    const document = this.editor.document.value
    try {
      const { errors, warnings } = await validateWorkflow(document, call.signal)
      // An answer about an older document would point at the wrong fields.
      if (document === this.editor.document.value) this.editor.serverProblems.value = fromServer(document, errors, warnings)
    } catch {
      // Unreachable or aborted: what the editor sees by itself stays on the list.
    }
  }

  close(): void {
    clearTimeout(this.checkTimer)
    clearTimeout(this.draftTimer)
    this.checking?.abort()
    void this.keep()
  }
}

const pick = ({ id, version, status, published_version, created_at, updated_at }: WorkflowMeta): WorkflowMeta => ({
  id,
  version,
  status,
  published_version,
  created_at,
  updated_at,
})
