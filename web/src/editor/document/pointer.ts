// JSON pointers (RFC 6901) over immutable values: what is not on the way to the place is shared, not copied.
import { isObject, type Json } from './types'

export type Pointer = string

export const escapePart = (part: string | number): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1')
export const joinPointer = (...parts: (string | number)[]): Pointer => parts.map((p) => `/${escapePart(p)}`).join('')

export function splitPointer(pointer: Pointer): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function getAt(value: Json | undefined, pointer: Pointer): Json | undefined {
  let current: Json | undefined = value
  for (const part of splitPointer(pointer)) {
    if (Array.isArray(current)) current = (current as readonly Json[])[Number(part)]
    else if (isObject(current) && Object.hasOwn(current, part)) current = current[part]
    else return undefined
  }
  return current
}

/** A copy with the value at the pointer; `undefined` removes it. Objects on the way are made where they are missing. */
export function setAt(value: Json | undefined, pointer: Pointer, to: Json | undefined): Json | undefined {
  return setParts(value, splitPointer(pointer), to)
}

function setParts(value: Json | undefined, parts: readonly string[], to: Json | undefined): Json | undefined {
  const [head, ...rest] = parts
  if (head === undefined) return to
  if (Array.isArray(value)) return setInArray(value as readonly Json[], Number(head), rest, to)
  const object = isObject(value) ? value : {}
  const next = setParts(Object.hasOwn(object, head) ? object[head] : undefined, rest, to)
  if (next === undefined) return without(object, head)
  // Defined, not assigned: the key '__proto__' is a key like any other.
  const copy: Record<string, Json | undefined> = { ...object }
  Object.defineProperty(copy, head, { value: next, enumerable: true, writable: true, configurable: true })
  return copy as Json
}

function setInArray(list: readonly Json[], index: number, rest: readonly string[], to: Json | undefined): Json {
  const next = setParts(list[index], rest, to)
  if (next === undefined) return list.filter((_, i) => i !== index)
  if (!Number.isInteger(index) || index < 0) return list
  const copy = list.slice()
  copy[Math.min(index, list.length)] = next
  return copy
}

export function without<T extends object>(object: T, key: string): T {
  const copy = { ...object }
  delete (copy as Record<string, unknown>)[key]
  return copy
}
