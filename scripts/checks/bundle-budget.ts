// What a phone loads before it shows anything: the page's own scripts and styles and all they import.
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ensureBuilt } from '../build-stamp.ts'
import { repo, stopWith } from '../repo.ts'

const BUDGET_BYTES = 60_000

const app = join(repo, 'dist/app')
const read = (name: string) => readFileSync(join(app, name))

const linked = /<(?:script|link)\b[^>]*?(?:src|href)="\/?([^"]+\.(?:js|css))"/g
const imported = /(?:^|[;}\s])import\s*(?:[\w*{},\s$]+from\s*)?["'](\.[^"']+\.js)["']/g

/** The file and what it imports without waiting to be asked, by name. */
const loadedWith = (name: string, seen: Set<string>): void => {
  if (seen.has(name)) return
  seen.add(name)
  if (!name.endsWith('.js')) return
  for (const match of read(name).toString().matchAll(imported)) {
    loadedWith(posix.join(posix.dirname(name), match[1] ?? ''), seen)
  }
}

/** Every file of the first load with its size over the wire, largest first. */
export const firstLoad = (): { name: string; bytes: number }[] => {
  const seen = new Set<string>()
  for (const match of read('index.html').toString().matchAll(linked)) {
    loadedWith(match[1] ?? '', seen)
  }
  return [...seen]
    .map((name) => ({ name, bytes: gzipSync(read(name), { level: 9 }).length }))
    .sort((a, b) => b.bytes - a.bytes)
}

if (import.meta.main) {
  await ensureBuilt()
  const files = firstLoad()
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const line = (name: string, bytes: number) =>
    `  ${(bytes / 1000).toFixed(1).padStart(6)} KB  ${name}`
  for (const { name, bytes } of files) console.log(line(name, bytes))
  console.log(line(`in all, of ${BUDGET_BYTES / 1000} KB`, total))
  if (files.length === 0) stopWith('No scripts were found in dist/app/index.html.')
  if (total > BUDGET_BYTES) stopWith('The first load is over its budget. Load something later.')
}
