// Notes and groups: what is drawn around the nodes and changes nothing of how the workflow runs.
import { without } from './pointer'
import {
  isObject,
  type CanvasGroup,
  type CanvasNote,
  type CanvasUi,
  type Json,
  type JsonObject,
  type Position,
  type WorkflowDocument,
} from './types'

export const COLOURS = ['yellow', 'green', 'blue', 'violet', 'red', 'grey'] as const
export type Colour = (typeof COLOURS)[number]

export const NOTE_WIDTH = 240
export const NOTE_HEIGHT = 160
export const NOTE_LEAST = { width: 96, height: 64 }
const NOTE_MOST = 4096

/** A note as it is drawn, with what the format lets out filled in. */
export interface DrawnNote {
  readonly id: string
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly colour: Colour
}

const number = (value: unknown, usual: number): number => (typeof value === 'number' ? value : usual)
export const colourOf = (value: unknown, usual: Colour): Colour => COLOURS.find((one) => one === value) ?? usual

export const notesOf = (document: WorkflowDocument): readonly CanvasNote[] => document.ui?.notes ?? []
export const groupsOf = (document: WorkflowDocument): readonly CanvasGroup[] => document.ui?.groups ?? []

export const drawnNote = (note: CanvasNote): DrawnNote => ({
  id: note.id,
  text: note.text ?? '',
  x: number(note.x, 0),
  y: number(note.y, 0),
  width: number(note.width, NOTE_WIDTH),
  height: number(note.height, NOTE_HEIGHT),
  colour: colourOf(note.colour, 'yellow'),
})

/** Empty lists and an empty `ui` are left out, as the server writes them. */
function withUi(document: WorkflowDocument, field: 'notes' | 'groups', list: readonly (CanvasNote | CanvasGroup)[]): WorkflowDocument {
  const rest = without(document.ui ?? {}, field)
  const ui = (list.length ? { ...rest, [field]: list } : rest) as CanvasUi
  return Object.keys(ui).length ? { ...document, ui } : without(document, 'ui')
}

const idsIn = (document: WorkflowDocument): Set<string> => new Set([...notesOf(document), ...groupsOf(document)].map(({ id }) => id))

export function addNotes(document: WorkflowDocument, notes: readonly CanvasNote[]): WorkflowDocument {
  const taken = idsIn(document)
  const fresh = notes.filter((note) => !taken.has(note.id))
  return fresh.length ? withUi(document, 'notes', [...notesOf(document), ...fresh]) : document
}

export type NoteChange = Partial<Omit<DrawnNote, 'id'>>

export function setNote(document: WorkflowDocument, id: string, change: NoteChange): WorkflowDocument {
  const size = (field: 'width' | 'height') =>
    change[field] === undefined ? {} : { [field]: Math.min(NOTE_MOST, Math.max(NOTE_LEAST[field], change[field])) }
  const full = { ...change, ...size('width'), ...size('height') }
  return changeIn(document, 'notes', id, full)
}

export const setGroup = (document: WorkflowDocument, id: string, change: { name?: string; colour?: Colour }): WorkflowDocument =>
  changeIn(document, 'groups', id, change)

function changeIn(document: WorkflowDocument, field: 'notes' | 'groups', id: string, change: object): WorkflowDocument {
  const list: readonly (CanvasNote | CanvasGroup)[] = field === 'notes' ? notesOf(document) : groupsOf(document)
  const old = list.find((one) => one.id === id)
  if (!old || Object.entries(change).every(([key, value]) => old[key] === value)) return document
  return withUi(
    document,
    field,
    list.map((one) => (one === old ? { ...one, ...change } : one)),
  )
}

export function removeNotes(document: WorkflowDocument, ids: ReadonlySet<string>): WorkflowDocument {
  const left = notesOf(document).filter((note) => !ids.has(note.id))
  return left.length === notesOf(document).length ? document : withUi(document, 'notes', left)
}

/** A node is in one group at most: it leaves the one it was in, and a group that nothing is left of goes. */
export function addGroup(document: WorkflowDocument, group: CanvasGroup): WorkflowDocument {
  const known = new Set(document.nodes.map((node) => node.id))
  const nodes = [...new Set(group.nodes)].filter((id) => known.has(id))
  if (nodes.length === 0 || idsIn(document).has(group.id)) return document
  const others = keeping(groupsOf(document), (id) => !nodes.includes(id))
  return withUi(document, 'groups', [...others, { ...group, nodes }])
}

export function ungroup(document: WorkflowDocument, ids: ReadonlySet<string>): WorkflowDocument {
  const left = groupsOf(document).filter((group) => !ids.has(group.id))
  return left.length === groupsOf(document).length ? document : withUi(document, 'groups', left)
}

function keeping(groups: readonly CanvasGroup[], stays: (id: string) => boolean): readonly CanvasGroup[] {
  let changed = false
  const kept = groups.flatMap((group) => {
    const nodes = group.nodes.filter(stays)
    changed ||= nodes.length < group.nodes.length
    return nodes.length === group.nodes.length ? [group] : nodes.length ? [{ ...group, nodes }] : []
  })
  return changed ? kept : groups
}

/** Groups name only nodes that are there, and each node once: what a removal, a merge or a paste may have broken. */
export function pruned(document: WorkflowDocument): WorkflowDocument {
  const free = new Set(document.nodes.map((node) => node.id))
  const groups = keeping(groupsOf(document), (id) => free.delete(id))
  return groups === groupsOf(document) ? document : withUi(document, 'groups', groups)
}

/** The workflow's own fields with notes and groups under their ids, so that two people's merge one by one. */
export function keyed(fields: JsonObject): JsonObject {
  const { ui } = fields
  if (!isObject(ui)) return fields
  const byId = (list: Json | undefined) =>
    Array.isArray(list) ? { ...Object.fromEntries((list as readonly CanvasNote[]).map((one) => [one.id, one])) } : list
  return { ...fields, ui: { ...ui, notes: byId(ui['notes']), groups: byId(ui['groups']) } }
}

export function listed<T extends JsonObject>(fields: T): T {
  const ui = fields['ui']
  if (!isObject(ui)) return fields
  const list = (of: Json | undefined) => (isObject(of) ? Object.values(of) : of)
  const lists = Object.entries({ ...ui, notes: list(ui['notes']), groups: list(ui['groups']) })
  const full = lists.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
  return full.length ? { ...fields, ui: Object.fromEntries(full) } : without(fields, 'ui')
}

/** The group that all of them are in. */
export function groupOf(document: WorkflowDocument, ids: readonly string[]): CanvasGroup | undefined {
  return groupsOf(document).find((group) => ids.length > 0 && ids.every((id) => group.nodes.includes(id)))
}

export const moved = (note: CanvasNote, by: Position): CanvasNote => ({ ...note, x: (note.x ?? 0) + by.x, y: (note.y ?? 0) + by.y })
