import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { repo, runProgram, stopWith } from './repo.ts'

const BUILT_FROM = [
  'apps/pwa/build',
  'apps/pwa/index.html',
  'apps/pwa/public',
  'apps/pwa/src',
  'apps/pwa/vite.config.ts',
  'apps/relay/src',
  'packages/core/src',
  'pnpm-lock.yaml',
  'scripts/build.ts',
  'scripts/build-extras.ts',
]

const filesBelow = (path: string): string[] => {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name)
    if (entry.isDirectory()) return filesBelow(below)
    return /\.test\.tsx?$/.test(entry.name) ? [] : [below]
  })
}

/** Changes whenever a file the build reads does: its name, size and time stand for its content. */
export const sourceStamp = (): string => {
  const hash = createHash('sha256')
  for (const file of BUILT_FROM.flatMap((path) => filesBelow(join(repo, path)))) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/** Where the build keeps the stamp of what it was made from. */
export const stampFile = (dist: string): string => join(dist, '.built-from')

export const isBuilt = (): boolean => {
  const file = stampFile(join(repo, 'dist'))
  return existsSync(file) && readFileSync(file, 'utf8') === sourceStamp()
}

/** Builds `dist/` if it is missing or older than its sources; ends the process if that fails. */
export const ensureBuilt = async (): Promise<void> => {
  if (isBuilt()) return
  console.error('Building, once.')
  const { code, output } = await runProgram(process.execPath, [join(repo, 'scripts/build.ts')])
  if (code !== 0) stopWith(`${output}\nThe build failed; see above.`)
}
