export const permissions = ['read', 'run', 'write', 'own'] as const
export type ScopePermission = (typeof permissions)[number]

/** What a scope may name: the first words of the paths that the server describes, below the base of the API if they are there. */
export function scopeParts(paths: readonly string[]): string[] {
  const words = paths.map((path) => path.replace(/^\/api\/v1(?=\/)/, '').split('/')[1] ?? '')
  return ['*', ...[...new Set(words)].filter((word) => word && !word.startsWith('{')).sort()]
}
