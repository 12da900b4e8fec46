import { ref, watchEffect } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
export const themes: Theme[] = ['system', 'light', 'dark']

const key = 'mbflow.theme'
const systemDark = matchMedia('(prefers-color-scheme: dark)')
const dark = ref(systemDark.matches)
const kept = localStorage.getItem(key) as Theme | null

export const theme = ref<Theme>(kept && themes.includes(kept) ? kept : 'system')

/** What is on the screen now; canvases repaint when it changes. */
export const shownTheme = ref<'light' | 'dark'>('light')

export function startTheme(): void {
  systemDark.addEventListener('change', (event) => (dark.value = event.matches))
  watchEffect(() => {
    shownTheme.value = theme.value === 'system' ? (dark.value ? 'dark' : 'light') : theme.value
    document.documentElement.dataset.theme = shownTheme.value
  })
}

export function setTheme(next: Theme): void {
  theme.value = next
  localStorage.setItem(key, next)
}
