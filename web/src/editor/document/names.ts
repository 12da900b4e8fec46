// Ids and names that are not taken yet.

export function uniqueName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  const stem = wanted.replace(/ \d+$/, '')
  for (let n = 2; ; n++) {
    const name = `${stem} ${n}`
    if (!taken.has(name)) return name
  }
}

export function uniqueId(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted.slice(0, 90) || 'node'
  if (!taken.has(base)) return base
  const stem = base.replace(/_\d+$/, '')
  for (let n = 2; ; n++) {
    const id = `${stem}_${n}`
    if (!taken.has(id)) return id
  }
}
