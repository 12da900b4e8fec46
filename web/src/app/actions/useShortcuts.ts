import { useEventListener } from '@vueuse/core'
import { ref } from 'vue'
import { isTyping, matchKeys, strokeName } from './keys'
import { actions, canRun } from './registry'

const place = 'mbflow.singleKeys'

/** Shortcuts of a letter alone can be switched off: voice control and slips of the hand set them off (WCAG 2.1.4). */
export const singleKeys = ref(localStorage.getItem(place) !== 'off')

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on
  localStorage.setItem(place, on ? 'on' : 'off')
}

/** `ownKeys`: the page has letters of its own (the editor), so those of the site keep silent. */
export function useShortcuts(ownKeys: () => boolean): void {
  let pending = ''
  let forget: ReturnType<typeof setTimeout> | undefined
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const stroke = strokeName(event)
    const plain = !stroke.startsWith('mod+') && !stroke.startsWith('alt+')
    // A dialog has the keys to itself.
    const inDialog = document.querySelector('[role=dialog],[role=alertdialog],[role=menu]')
    if (plain && (!singleKeys.value || ownKeys() || isTyping(event.target) || inDialog)) return
    const match = matchKeys(actions.value, pending, stroke)
    clearTimeout(forget)
    pending = match.pending
    if (pending) forget = setTimeout(() => (pending = ''), 1500)
    if (!match.action || !canRun(match.action)) return
    event.preventDefault()
    match.action.run()
  })
}
