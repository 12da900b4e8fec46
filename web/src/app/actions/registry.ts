import { computed, onScopeDispose, shallowReactive, type Component } from 'vue'

/** Something a person can do. Palette, menus, shortcuts and the help sheet are all made of these. */
export interface Action {
  id: string
  /** Key of its title in the catalogue. */
  title: string
  /** Key of the heading it stands under. */
  group: string
  icon?: Component
  /** Such as "mod+k", "?", or "g w" for one after the other. `mod` is Ctrl, or Cmd on a Mac. */
  keys?: string
  /** It cannot be done now when this is false. */
  when?: () => boolean
  run: () => void
}

const registered = shallowReactive(new Map<string, Action>())

export const actions = computed(() => [...registered.values()])

/** Adds actions, until the component that called is gone. A later action with the same id takes the place of an earlier one. */
export function useActions(list: Action[]): void {
  for (const action of list) registered.set(action.id, action)
  onScopeDispose(() => {
    for (const action of list) if (registered.get(action.id) === action) registered.delete(action.id)
  })
}

export function canRun(action: Action): boolean {
  return action.when?.() ?? true
}

export function runAction(id: string): void {
  const action = registered.get(id)
  if (action && canRun(action)) action.run()
}
