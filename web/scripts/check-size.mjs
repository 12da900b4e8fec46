// Limits of the house: .vue 250 lines, .ts 400. Small files are read whole; long ones are not.
import { readFileSync } from 'node:fs'
import { filesUnder } from './files.mjs'

const limits = { vue: 250, ts: 400 }
const tooLong = filesUnder('src')
  .map((file) => ({ file, limit: limits[file.split('.').pop()], lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
  .filter(({ limit, lines }) => limit && lines > limit)

for (const { file, limit, lines } of tooLong) console.error(`${file}: ${lines} lines, the limit is ${limit}`)
if (tooLong.length) process.exit(1)
console.log('sizes: every file within its limit')
