// A form of credentials, read from the schema of their type alone. Nothing here knows any type.
import type { Credential, CredentialInput, CredentialType } from '@/api/credentials'

export interface FormField {
  key: string
  title: string
  description: string
  secret: boolean
  /** PEM and the like: several lines. */
  long: boolean
  required: boolean
  options: { value: string; label: string }[]
  default: string
}

export function typeTexts(type: CredentialType, language: string): { title: string; summary: string } {
  const own = type.text[language]
  return { title: own?.title ?? type.title, summary: own?.summary ?? type.summary }
}

export function fieldsOf(type: CredentialType, language: string): FormField[] {
  const required = new Set(type.fields.required)
  return Object.entries(type.fields.properties).map(([key, schema]) => {
    const own = type.text[language]?.fields?.[key]
    return {
      key,
      title: own?.title ?? schema.title ?? key,
      description: own?.description ?? schema.description ?? '',
      secret: schema.format === 'secret',
      long: !!schema['x-lines'],
      required: required.has(key),
      options: (schema.enum ?? []).map((value) => ({ value, label: own?.labels?.[value] ?? schema['x-labels']?.[value] ?? value })),
      default: schema.default ?? schema.enum?.[0] ?? '',
    }
  })
}

/** What the form begins with; a secret that is set stays empty, for nobody gets it back. */
export function valuesOf(fields: readonly FormField[], credential?: Credential): Record<string, string> {
  return Object.fromEntries(fields.map(({ key, secret, default: usual }) => [key, secret ? '' : (credential?.fields[key] ?? usual)]))
}

/** One origin a line or after a comma. */
export const splitOrigins = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

/** What is sent: a secret that was left empty stays as it is on the server, so it is left out. */
export function inputOf(
  type: CredentialType,
  fields: readonly FormField[],
  values: Record<string, string>,
  name: string,
  origins: string,
): CredentialInput {
  const kept = fields.filter(({ key, secret }) => !secret || values[key])
  return {
    name: name.trim(),
    type: type.type,
    fields: Object.fromEntries(kept.map(({ key }) => [key, values[key] ?? ''])),
    origins: type.http ? splitOrigins(origins) : [],
  }
}
