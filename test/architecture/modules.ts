import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

const repo = resolve(import.meta.dirname, '../..')

/** One `import`, `export … from` or `import()` as the parser found it. */
export type Import = {
  /** As written. */
  specifier: string
  /** The file it means, from the repository’s root; undefined for a package. */
  target: string | undefined
  /** True when nothing of it is left at run time. */
  typeOnly: boolean
}

/** A source file with what its syntax says, read once. */
export type Module = {
  path: string
  lines: number
  isTest: boolean
  imports: readonly Import[]
  hasDefaultExport: boolean
  /** Every string and name in it that is not an import. */
  words: readonly string[]
  throwsPlainError: boolean
}

/** Where the names our packages are imported by lead, from what they export. */
const readExports = (folder: string): [string, string][] => {
  const { name, exports = {} } = JSON.parse(
    readFileSync(join(repo, folder, 'package.json'), 'utf8'),
  ) as { name: string; exports?: Record<string, string> }
  return Object.entries(exports).map(([path, file]) => [join(name, path), join(folder, file)])
}

const ownPackages = new Map(['packages/core', 'apps/relay'].flatMap(readExports))

const targetOf = (from: string, specifier: string): string | undefined =>
  specifier.startsWith('.')
    ? relative(repo, resolve(repo, dirname(from), specifier))
    : ownPackages.get(specifier)

type Entry = { isType: boolean }
const allTypes = (entries: readonly Entry[]) =>
  entries.length > 0 && entries.every((entry) => entry.isType)

const readModule = (path: string): Module => {
  const text = readFileSync(join(repo, path), 'utf8')
  const { module, program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)

  const imports: Import[] = []
  const add = (specifier: string, typeOnly: boolean) =>
    imports.push({ specifier, target: targetOf(path, specifier), typeOnly })
  for (const { moduleRequest, entries } of module.staticImports) {
    add(moduleRequest.value, allTypes(entries))
  }
  for (const { entries } of module.staticExports) {
    const from = entries.filter((entry) => entry.moduleRequest !== null)
    const specifier = from[0]?.moduleRequest?.value
    if (specifier !== undefined) add(specifier, allTypes(from))
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const written = text.slice(moduleRequest.start, moduleRequest.end)
    if (/^['"]/.test(written)) add(written.slice(1, -1), false)
  }

  const words: string[] = []
  let throwsPlainError = false
  new Visitor({
    Literal: (node) => void (typeof node.value === 'string' && words.push(node.value)),
    TemplateElement: (node) => void words.push(node.value.raw),
    JSXText: (node) => void words.push(node.value),
    Identifier: (node) => void words.push(node.name),
    ThrowStatement: ({ argument }) => {
      const made = argument.type === 'NewExpression' || argument.type === 'CallExpression'
      if (made && argument.callee.type === 'Identifier' && argument.callee.name === 'Error') {
        throwsPlainError = true
      }
    },
  }).visit(program)

  return {
    path,
    lines: text.split('\n').length - 1,
    isTest: /\.test\.tsx?$/.test(path),
    imports,
    hasDefaultExport: module.staticExports.some(({ entries }) =>
      entries.some((entry) => entry.exportName.kind === 'Default'),
    ),
    words,
    throwsPlainError,
  }
}

const folders = ['packages/*/src', 'apps/*/src', 'scripts', 'test']

/** Every TypeScript file we wrote, by its path from the repository’s root. */
export const readModules = (): Map<string, Module> => {
  const paths = folders.flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,tsx}`, { cwd: repo, exclude: ['**/node_modules'] }),
  )
  return new Map(paths.sort().map((path) => [path, readModule(path)]))
}
