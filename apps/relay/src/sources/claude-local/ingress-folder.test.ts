import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openIngress } from './ingress.ts'

const nobody = {
  hello: () => {},
  hook: () => {},
  ask: () => {},
  gone: () => {},
  closed: () => {},
  refused: () => {},
}

let folder = ''
let before: string | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'place-'))
  before = process.env.XDG_RUNTIME_DIR
  process.env.XDG_RUNTIME_DIR = join(folder, 'run')
  await mkdir(process.env.XDG_RUNTIME_DIR)
})
afterEach(async () => {
  if (before === undefined) delete process.env.XDG_RUNTIME_DIR
  else process.env.XDG_RUNTIME_DIR = before
  await rm(folder, { recursive: true, force: true })
})

test('[I12] a link that waits where the socket’s folder would be is not followed', async () => {
  const dataDir = join(folder, 'a'.repeat(100))
  await using first = await openIngress(dataDir, nobody)
  const place = dirname(await readFile(join(dataDir, 'ingress.path'), 'utf8'))
  expect((await stat(place)).mode & 0o777).toBe(0o700)
  await first[Symbol.asyncDispose]()

  const theirs = join(folder, 'theirs')
  await mkdir(theirs)
  await chmod(theirs, 0o755)
  await symlink(theirs, place)
  await expect(openIngress(dataDir, nobody)).rejects.toMatchObject({ code: 'data_folder_unusable' })
  expect((await stat(theirs)).mode & 0o777).toBe(0o755)
  expect(await readdir(theirs)).toEqual([])
  expect(await readdir(dirname(place))).toEqual([basename(place)])
})

test('a relay that stops takes the socket’s folder away with it', async () => {
  const dataDir = join(folder, 'a'.repeat(100))
  const ingress = await openIngress(dataDir, nobody)
  const place = dirname(await readFile(join(dataDir, 'ingress.path'), 'utf8'))
  await ingress[Symbol.asyncDispose]()
  expect(await readdir(dirname(place))).toEqual([])
  expect(await readdir(dataDir)).toEqual([])
})
