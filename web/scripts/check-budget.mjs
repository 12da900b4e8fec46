// What the browser must fetch before the first page shows, gzipped, against the promise.
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { filesUnder } from './files.mjs'

const manifestFile = 'dist/.vite/manifest.json'
if (!existsSync(manifestFile)) {
  console.error('budget: build first (npm run build)')
  process.exit(1)
}
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
const size = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length

// The shell with its language, and the page a visitor lands on.
function load(name, into = new Set()) {
  const chunk = manifest[name]
  if (!chunk || into.has(chunk.file)) return into
  into.add(chunk.file)
  for (const css of chunk.css ?? []) into.add(css)
  for (const other of chunk.imports ?? []) load(other, into)
  return into
}
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`
const sum = (files) => [...files].reduce((total, file) => total + size(file), 0)

const first = new Set()
for (const entry of ['index.html', 'src/locales/ru.json', 'src/app/shell/AppShell.vue', 'src/features/dashboard/DashboardPage.vue'])
  load(entry, first)
const editor = load('src/editor/EditorPage.vue', new Set(first))
const all = filesUnder('dist')
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice('dist/'.length))

let failed = false
for (const [what, files, limit] of [
  ['first load, JS and CSS', first, 200e3],
  ['editor', editor, 330e3],
  ['all JS', all, 1200e3],
]) {
  const bytes = sum(files)
  console.log(`budget: ${what} ${kilobytes(bytes)} gzip in ${[...files].length} files, limit ${kilobytes(limit)}`)
  failed ||= bytes > limit
}
if (first.size > 25) {
  console.error(`budget: the first load takes ${first.size} requests, limit 25; let shared modules travel together (vite.config.ts)`)
  failed = true
}
if (failed) process.exit(1)
