import { shallowReactive } from 'vue'

export interface ToastAction {
  label: string
  run: () => void
}
export interface Toast {
  id: number
  kind: 'done' | 'error' | 'note'
  text: string
  detail?: string
  action?: ToastAction
}

/** What is on the screen now; ToastHost.vue shows it. */
export const toasts = shallowReactive<Toast[]>([])
let last = 0

export function toast(kind: Toast['kind'], text: string, more: { detail?: string; action?: ToastAction } = {}): void {
  toasts.push({ id: ++last, kind, text, ...more })
  if (toasts.length > 4) toasts.shift()
}

export function dropToast(id: number): void {
  const index = toasts.findIndex((one) => one.id === id)
  if (index >= 0) toasts.splice(index, 1)
}
