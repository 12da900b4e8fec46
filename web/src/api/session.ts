import { ref } from 'vue'

const keyPlace = 'mbflow.key'

/** Kept for this tab only: it goes when the tab is closed. */
const key = ref(sessionStorage.getItem(keyPlace) ?? '')

export const sessionKey = key as Readonly<typeof key>

export function keepKey(next: string): void {
  key.value = next
  sessionStorage.setItem(keyPlace, next)
}

export function forgetKey(): void {
  key.value = ''
  sessionStorage.removeItem(keyPlace)
}
