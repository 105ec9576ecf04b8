import { expect, test } from 'vitest'
import { faultOf } from './layers.ts'
import { type Module, readModules } from './modules.ts'

const modules = readModules()
const all = [...modules.values()]
const isShipped = ({ path, isTest }: Module) => /^(apps|packages)\//.test(path) && !isTest

test('imports point the way ARCHITECTURE.md draws them', () => {
  const faults = all.flatMap((module) =>
    module.imports.map((found) => faultOf(module, found)).filter((fault) => fault !== undefined),
  )
  expect(faults).toEqual([])
})

test('every import of ours leads to a file, so the picture above is of the real program', () => {
  const missing = all.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target?.match(/\.tsx?$/) && !modules.has(target))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  )
  expect(missing).toEqual([])
})

test('no file needs itself: imports at run time have no cycles', () => {
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' > '))
      return
    }
    state.set(path, 'open')
    for (const { target, typeOnly } of modules.get(path)?.imports ?? []) {
      if (target !== undefined && !typeOnly) visit(target, [...trail, path])
    }
    state.set(path, 'done')
  }
  for (const path of modules.keys()) visit(path, [])
  expect(cycles).toEqual([])
})

const pascal = (kebab: string) =>
  kebab.replaceAll(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase())

test('[I9] a source is named only in its folder, the composition root and the command line', () => {
  const sourceOf = (path: string) => /^apps\/relay\/src\/sources\/([^/.]+)\//.exec(path)?.[1]
  const names = new Set(all.map(({ path }) => sourceOf(path)).filter((name) => name !== undefined))
  const faults = all.filter(isShipped).flatMap(({ path, words }) => {
    if (/^apps\/relay\/src\/(relay\.ts$|agent-setup\.ts$|main\.ts$|cli\/)/.test(path)) return []
    return [...names]
      .filter((name) => name !== sourceOf(path))
      .filter((name) => words.some((word) => word === name || word.includes(pascal(name))))
      .map((name) => `${path} names ${name}`)
  })
  expect(names.size).toBeGreaterThan(0)
  expect(faults).toEqual([])
})

test('no file is longer than 400 lines', () => {
  const long = all.filter(({ lines }) => lines > 400).map(({ path, lines }) => `${path}: ${lines}`)
  expect(long).toEqual([])
})

test('the relay and core refuse with a code, never with a plain Error', () => {
  const plain = all
    .filter((module) => isShipped(module) && !module.path.startsWith('apps/pwa/'))
    .filter(({ throwsPlainError }) => throwsPlainError)
    .map(({ path }) => path)
  expect(plain).toEqual([])
})

test('everything is exported by its name', () => {
  const unnamed = all.filter(({ hasDefaultExport }) => hasDefaultExport).map(({ path }) => path)
  expect(unnamed).toEqual([])
})
