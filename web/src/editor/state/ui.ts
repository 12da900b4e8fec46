// What is open around the canvas. Kept apart from the document: none of it is saved or undone.
import { inject, ref, shallowRef, type InjectionKey } from 'vue'
import type { Json, Position } from '../document/types'

/** Where a node chosen in the palette goes. */
export interface AddRequest {
  readonly at?: Position
  /** Behind this output, or before this input. */
  readonly after?: { readonly node: string; readonly port?: string }
  readonly before?: { readonly node: string; readonly port?: string }
  readonly edge?: string
}

export interface PickRequest {
  readonly mode: 'connect' | 'disconnect'
  readonly node: string
}

export type LeftTab = 'palette' | 'outline' | 'problems'
export type DrawerTab = 'timeline' | 'events' | 'input'

export class EditorUi {
  readonly adding = shallowRef<AddRequest>()
  readonly picking = shallowRef<PickRequest>()
  readonly renaming = ref<string>()
  /** The note whose text is being written. */
  readonly writing = ref<string>()
  readonly help = ref(false)
  readonly left = ref<LeftTab>('palette')
  readonly leftOpen = ref(true)
  readonly drawer = ref<DrawerTab>()
  readonly json = ref(false)
  readonly workflow = ref(false)
  /** Asked to take the keyboard back to the canvas. */
  readonly refocus = ref(0)

  /** What a node gave in the run that is shown; set by whoever shows one. */
  lastOutput: (id: string) => readonly Json[] | undefined = () => undefined

  toCanvas(): void {
    this.refocus.value++
  }

  showLeft(tab: LeftTab): void {
    this.left.value = tab
    this.leftOpen.value = true
  }
}

export const UI: InjectionKey<EditorUi> = Symbol('editor ui')

export function useUi(): EditorUi {
  const ui = inject(UI)
  if (!ui) throw new Error('useUi stands outside of an editor')
  return ui
}
