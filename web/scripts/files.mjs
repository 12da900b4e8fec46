import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Every file under a folder, as paths from the current folder. */
export function filesUnder(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesUnder(path) : [path]
  })
}
