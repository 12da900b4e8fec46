// Nothing in the site knows a node type: what it shows of one comes from GET /node-types. A name of a type in the source would be the
// beginning of a switch.
import { readdirSync, readFileSync } from 'node:fs'
import { filesUnder } from './files.mjs'

const folder = '../nodes'
const types = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
  if (!entry.isDirectory()) return []
  try {
    return [JSON.parse(readFileSync(`${folder}/${entry.name}/node.json`, 'utf8')).type]
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
})
if (types.length < 10) throw new Error(`${folder} holds ${types.length} node types: the check looks in the wrong place`)

const name = types.join('|')
const forms = [
  new RegExp(`type\\)?\\s*[!=]==?\\s*['"\`](${name})['"\`]`),
  new RegExp(`['"\`](${name})['"\`]\\s*[!=]==?\\s*[\\w.?]*type\\b`),
]
const faults = filesUnder('src')
  .filter((file) => /\.(vue|ts)$/.test(file) && !file.endsWith('.spec.ts'))
  .flatMap((file) => {
    const source = readFileSync(file, 'utf8')
    const compared = source
      .split('\n')
      .flatMap((line, i) => (forms.some((form) => form.test(line)) ? [`${file}:${i + 1}: ${line.trim()}`] : []))
    const switched = [...source.matchAll(/switch \([^)]*[tT]ype\)\s*\{([\s\S]*?)\n\s*\}/g)].flatMap(([, body]) =>
      [...body.matchAll(new RegExp(`case '(${name})'`, 'g'))].map(([, type]) => `${file}: a case for the node type ${type}`),
    )
    return [...compared, ...switched]
  })

if (faults.length) {
  console.error(`${faults.join('\n')}\nwhat a node type needs belongs into its node.json`)
  process.exit(1)
}
console.log(`node types: none of ${types.length} is named in the source`)
