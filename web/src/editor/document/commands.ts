// Everything that can be done to a document, as data. `apply` in reduce.ts is the one place that carries it out,
// so undo, the live region, tests and a later rebinding of keys all speak of the same list.
import type { Pointer } from './pointer'
import type { Colour, NoteChange } from './drawn'
import type { CanvasGroup, CanvasNote, Json, JsonObject, Position, WorkflowDocument, WorkflowEdge, WorkflowNode } from './types'

export interface Fragment {
  readonly nodes: readonly WorkflowNode[]
  readonly edges: readonly WorkflowEdge[]
  readonly notes?: readonly CanvasNote[]
  readonly groups?: readonly CanvasGroup[]
}

export type Command =
  | { readonly type: 'add'; readonly node: WorkflowNode; readonly edges?: readonly WorkflowEdge[] }
  | { readonly type: 'remove'; readonly ids: readonly string[]; readonly bridge?: boolean }
  | { readonly type: 'connect'; readonly edge: WorkflowEdge }
  | { readonly type: 'disconnect'; readonly keys: readonly string[] }
  | { readonly type: 'move'; readonly to: Readonly<Record<string, Position>> }
  | { readonly type: 'rename'; readonly id: string; readonly name: string }
  | { readonly type: 'set_config'; readonly id: string; readonly pointer: Pointer; readonly value: Json | undefined }
  | { readonly type: 'set_field'; readonly id: string; readonly field: string; readonly value: Json | undefined }
  | { readonly type: 'set_edge'; readonly key: string; readonly field: 'condition'; readonly value: string | undefined }
  | { readonly type: 'move_edge'; readonly key: string; readonly by: number }
  | { readonly type: 'insert'; readonly key: string; readonly node: WorkflowNode; readonly ports: { in: string; out: string } }
  | { readonly type: 'paste'; readonly fragment: Fragment }
  | { readonly type: 'parent'; readonly ids: readonly string[]; readonly parent: string | undefined }
  | { readonly type: 'disable'; readonly ids: readonly string[]; readonly disabled: boolean }
  | { readonly type: 'pin'; readonly id: string; readonly items: readonly JsonObject[] | undefined }
  | { readonly type: 'note'; readonly id: string; readonly text: string }
  | { readonly type: 'tidy'; readonly to: Readonly<Record<string, Position>> }
  | { readonly type: 'add_note'; readonly note: CanvasNote }
  | { readonly type: 'set_note'; readonly id: string; readonly change: NoteChange }
  | { readonly type: 'remove_note'; readonly ids: readonly string[] }
  | { readonly type: 'group'; readonly group: CanvasGroup }
  | { readonly type: 'set_group'; readonly id: string; readonly change: { readonly name?: string; readonly colour?: Colour } }
  | { readonly type: 'ungroup'; readonly ids: readonly string[] }
  | { readonly type: 'arrange'; readonly to: Readonly<Record<string, Position>> }
  | { readonly type: 'set_workflow'; readonly pointer: Pointer; readonly value: Json | undefined }
  | { readonly type: 'replace'; readonly document: WorkflowDocument }

export type CommandType = Command['type']

/**
 * Commands with the same key that follow each other closely are one undo step: typing in one field, dragging one
 * selection with the arrow keys. Others never melt together.
 */
export function coalesceKey(command: Command): string | undefined {
  switch (command.type) {
    case 'set_config':
      return `config ${command.id} ${command.pointer}`
    case 'set_field':
      return `field ${command.id} ${command.field}`
    case 'set_edge':
      return `edge ${command.key} ${command.field}`
    case 'note':
      return `note ${command.id}`
    case 'set_note':
      return `canvas note ${command.id} ${Object.keys(command.change).sort().join(' ')}`
    case 'set_group':
      return `group ${command.id} ${Object.keys(command.change).sort().join(' ')}`
    case 'rename':
      return `rename ${command.id}`
    case 'move':
      return `move ${Object.keys(command.to).sort().join(' ')}`
    case 'set_workflow':
      return `workflow ${command.pointer}`
    default:
      return undefined
  }
}
