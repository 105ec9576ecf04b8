// Every path a page names exists: in links, and in `code` that looks like a path of this repository.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repo, stopWith } from '../repo.ts'

const link = /\]\(([^)\s]+)\)/g
const quoted = /`([^`\s]+)`/g
const topLevel = /^(?:apps|packages|test|scripts|docs|\.ci)\//
const rootFile = /^[\w.-]+\.(?:md|json|ya?ml|ts)$/

/** Folders and files nobody commits; a page may still speak of them. */
const made = /^(?:dist|node_modules|test-results)\b/

const exists = (path: string) =>
  path.includes('*') || path.includes('{')
    ? globSync(path, { cwd: repo }).length > 0
    : existsSync(join(repo, path))

const missingIn = (page: string): string[] => {
  const text = readFileSync(join(repo, page), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')
  const links = [...text.matchAll(link)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^\w+:/.test(target))
    .map((target) => join(dirname(page), target))
  const names = [...text.matchAll(quoted)]
    .map((match) => match[1] ?? '')
    .filter((name) => topLevel.test(name) && !name.includes('<'))
  const pages = [...text.matchAll(quoted)]
    .map((match) => match[1] ?? '')
    .filter((name) => rootFile.test(name) && /^[A-Z]/.test(name))
  return [...new Set([...links, ...names, ...pages])]
    .filter((path) => !made.test(path) && !exists(path))
    .map((path) => `${page} names ${path}, which does not exist`)
}

const pages = globSync(['*.md', 'docs/**/*.md', '{apps,packages,test}/**/*.md'], {
  cwd: repo,
  exclude: ['**/node_modules', '**/fixtures'],
})
const missing = pages.sort().flatMap(missingIn)
if (missing.length > 0) stopWith(missing.join('\n'))
