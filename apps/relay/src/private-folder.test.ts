import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RelayError } from '@bellhop/core'
import { afterAll, expect, test } from 'vitest'
import { ensurePrivateFolder } from './private-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'bellhop-folder-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a folder and those above it are made for the owner alone', () => {
  ensurePrivateFolder(join(root, 'a', 'b'))
  expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700)
  expect(statSync(join(root, 'a', 'b')).mode & 0o777).toBe(0o700)
})

test('one that is there is left as it is', () => {
  const { mode } = statSync(root)
  ensurePrivateFolder(root)
  expect(statSync(root).mode).toBe(mode)
})

test.each(['/proc/bellhop', join(root, 'file', 'below')])('%s is refused with a code', (path) => {
  writeFileSync(join(root, 'file'), '')
  const refusal = (() => {
    try {
      return ensurePrivateFolder(path)
    } catch (error) {
      return error
    }
  })()
  expect(refusal).toBeInstanceOf(RelayError)
  expect(refusal).toMatchObject({ code: 'data_folder_unusable', details: { path } })
})
