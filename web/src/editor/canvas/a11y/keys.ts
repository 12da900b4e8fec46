// The keys of the canvas, by their place on the keyboard: a Russian layout has the same keys. One table feeds the
// handler and the help sheet.
import type { CanvasActionId } from './actions'

export interface KeyBinding {
  readonly action: CanvasActionId
  readonly keys: readonly string[]
}

export const KEYS: readonly KeyBinding[] = [
  { action: 'walk_right', keys: ['ArrowRight'] },
  { action: 'walk_left', keys: ['ArrowLeft'] },
  { action: 'walk_up', keys: ['ArrowUp'] },
  { action: 'walk_down', keys: ['ArrowDown'] },
  { action: 'first', keys: ['Home'] },
  { action: 'open', keys: ['Enter', 'NumpadEnter'] },
  { action: 'add_after', keys: ['KeyA', 'KeyN'] },
  { action: 'connect', keys: ['KeyC'] },
  { action: 'disconnect', keys: ['Shift+KeyC'] },
  { action: 'next_edge', keys: ['KeyE'] },
  { action: 'previous_edge', keys: ['Shift+KeyE'] },
  { action: 'move_right', keys: ['Alt+ArrowRight'] },
  { action: 'move_left', keys: ['Alt+ArrowLeft'] },
  { action: 'move_up', keys: ['Alt+ArrowUp'] },
  { action: 'move_down', keys: ['Alt+ArrowDown'] },
  { action: 'select_after', keys: ['Shift+ArrowRight'] },
  { action: 'select_before', keys: ['Shift+ArrowLeft'] },
  { action: 'select_all', keys: ['Mod+KeyA'] },
  { action: 'remove', keys: ['Delete', 'Backspace'] },
  { action: 'rename', keys: ['F2'] },
  { action: 'disable', keys: ['KeyD'] },
  { action: 'pin', keys: ['KeyP'] },
  { action: 'duplicate', keys: ['Mod+KeyD'] },
  { action: 'undo', keys: ['Mod+KeyZ'] },
  { action: 'redo', keys: ['Mod+KeyY', 'Mod+Shift+KeyZ'] },
  { action: 'add_note', keys: ['Shift+KeyS'] },
  { action: 'next_note', keys: ['KeyM'] },
  { action: 'group', keys: ['Mod+KeyG'] },
  { action: 'ungroup', keys: ['Mod+Shift+KeyG'] },
  { action: 'align_left', keys: ['Shift+Alt+ArrowLeft'] },
  { action: 'align_right', keys: ['Shift+Alt+ArrowRight'] },
  { action: 'align_top', keys: ['Shift+Alt+ArrowUp'] },
  { action: 'align_bottom', keys: ['Shift+Alt+ArrowDown'] },
  { action: 'align_centre', keys: ['Shift+Alt+KeyC'] },
  { action: 'align_middle', keys: ['Shift+Alt+KeyM'] },
  { action: 'distribute_across', keys: ['Shift+Alt+KeyH'] },
  { action: 'distribute_down', keys: ['Shift+Alt+KeyV'] },
  { action: 'tidy', keys: ['Shift+Alt+KeyT'] },
  { action: 'fit', keys: ['Digit1', 'Numpad1'] },
  { action: 'zoom_full', keys: ['Digit0', 'Numpad0'] },
  { action: 'zoom_in', keys: ['Equal', 'Shift+Equal', 'NumpadAdd'] },
  { action: 'zoom_out', keys: ['Minus', 'NumpadSubtract'] },
  { action: 'leave', keys: ['Escape'] },
  { action: 'help', keys: ['Shift+Slash', 'F1'] },
]

const byKey = new Map(KEYS.flatMap(({ action, keys }) => keys.map((key) => [key, action] as const)))

export function keyOf(event: Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  const parts = [event.ctrlKey || event.metaKey ? 'Mod' : '', event.shiftKey ? 'Shift' : '', event.altKey ? 'Alt' : '', event.code]
  return parts.filter(Boolean).join('+')
}

export const actionOf = (event: KeyboardEvent): CanvasActionId | undefined => byKey.get(keyOf(event))

const SHOWN: Readonly<Record<string, string>> = {
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Equal: '+',
  Minus: '−',
  Slash: '?',
  Escape: 'Esc',
  Delete: 'Del',
  Mod: 'Ctrl',
  NumpadEnter: 'Enter',
}

export const shownKey = (key: string): string[] => key.split('+').map((part) => SHOWN[part] ?? part.replace(/^(Key|Digit)/, ''))
