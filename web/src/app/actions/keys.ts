import type { Action } from './registry'

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

export interface Stroke {
  key: string
  code?: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** The letter on the key, whatever layout is switched on: Ctrl+K is the same key on a Russian keyboard. */
function letter(stroke: Stroke): string {
  const byCode = /^Key([A-Z])$/.exec(stroke.code ?? '')?.[1]
  const latin = /^[ -~]$/.test(stroke.key)
  if (byCode && !latin) return byCode.toLowerCase()
  return stroke.key.length === 1 ? stroke.key.toLowerCase() : stroke.key.toLowerCase()
}

/** "mod+shift+k"; a sign that needs Shift itself, such as "?", is written without it. */
export function strokeName(stroke: Stroke): string {
  const key = letter(stroke)
  const parts: string[] = []
  if (stroke.ctrlKey || stroke.metaKey) parts.push('mod')
  if (stroke.altKey) parts.push('alt')
  if (stroke.shiftKey && (key.length > 1 || /[a-z]/.test(key))) parts.push('shift')
  return [...parts, key].join('+')
}

/** Whether keys of one letter alone must be left to the place that has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** "Ctrl+K" as people read it. */
export function readableKeys(keys: string): string {
  const words: Record<string, string> = { mod: mac ? '⌘' : 'Ctrl', shift: 'Shift', alt: mac ? '⌥' : 'Alt', enter: 'Enter', escape: 'Esc' }
  const stroke = (text: string) =>
    text
      .split('+')
      .map((part) => words[part] ?? part.toUpperCase())
      .join('+')
  return keys.split(' ').map(stroke).join(' ')
}

export interface Match {
  action?: Action
  /** What was pressed so far may still become a shortcut. */
  pending: string
}

export function matchKeys(actions: readonly Action[], pending: string, stroke: string): Match {
  const tried = pending ? `${pending} ${stroke}` : stroke
  const action = actions.find((one) => one.keys === tried) ?? actions.find((one) => one.keys === stroke)
  if (action) return { action, pending: '' }
  const prefix = actions.some((one) => one.keys?.startsWith(`${tried} `))
  return { pending: prefix ? tried : actions.some((one) => one.keys?.startsWith(`${stroke} `)) ? stroke : '' }
}
