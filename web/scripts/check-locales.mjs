// Both languages have the same keys with the same placeholders; every key named in the source exists, and every key is named somewhere.
import { existsSync, readFileSync } from 'node:fs'
import { filesUnder } from './files.mjs'

const folders = ['src/locales', 'src/locales/pages', 'src/editor/locales'].filter((folder) => existsSync(`${folder}/en.json`))
const faults = []

function flat(messages, prefix = '', into = new Map()) {
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'object') flat(value, `${prefix}${key}.`, into)
    else into.set(prefix + key, value)
  }
  return into
}

const placeholders = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort().join(' ')

const known = new Map()
for (const folder of folders) {
  const [en, ru] = ['en', 'ru'].map((language) => flat(JSON.parse(readFileSync(`${folder}/${language}.json`, 'utf8'))))
  for (const [key, text] of en) {
    if (known.has(key)) faults.push(`${folder}: ${key} is in another catalogue, too`)
    known.set(key, text)
    if (!ru.has(key)) faults.push(`${folder}/ru.json lacks ${key}`)
    else if (placeholders(ru.get(key)) !== placeholders(text)) faults.push(`${folder}: ${key} has other placeholders in ru`)
    if (!text.trim()) faults.push(`${folder}/en.json: ${key} is empty`)
  }
  for (const key of ru.keys()) if (!en.has(key)) faults.push(`${folder}/en.json lacks ${key}`)
}

const named = new Set()
const prefixes = new Set()
for (const file of filesUnder('src').filter((path) => /\.(vue|ts)$/.test(path) && !path.endsWith('.spec.ts'))) {
  const source = readFileSync(file, 'utf8')
  for (const [, key] of source.matchAll(/['"`]([a-z][\w]*(?:\.[\w-]+)+)['"`]/g)) named.add(key)
  for (const [, prefix] of source.matchAll(/`([a-z][\w]*(?:\.[\w-]+)*\.)\$\{/g)) prefixes.add(prefix)
  for (const [, key] of source.matchAll(/\bt\(\s*'([^']+)'/g)) if (!known.has(key)) faults.push(`${file}: no text for ${key}`)
}
for (const key of known.keys()) {
  if (!named.has(key) && ![...prefixes].some((prefix) => key.startsWith(prefix))) faults.push(`unused: ${key}`)
}

if (faults.length) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(`locales: ${known.size} texts, equal in en and ru, all used`)
