// The input of test runs, kept in the browser per workflow.
import type { Json } from '../document/types'

const place = (workflow: string): string => `mbflow.editor.input.${workflow}`

export function readInput(workflow: string): Json | undefined {
  try {
    return JSON.parse(localStorage.getItem(place(workflow)) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

export function writeInput(workflow: string, input: Json | undefined): void {
  if (input === undefined) localStorage.removeItem(place(workflow))
  else localStorage.setItem(place(workflow), JSON.stringify(input))
}
