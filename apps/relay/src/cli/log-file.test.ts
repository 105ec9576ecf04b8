import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { logPath, openLogFile } from './log-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'bellhop-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('[I6] the log keeps to its size, and to its owner', () => {
  const log = openLogFile(folder, 500)
  for (let entry = 0; entry < 50; entry++) log.info(`entry ${entry}`)
  const path = logPath(folder)
  expect(statSync(path).size).toBeLessThan(700)
  expect(statSync(`${path}.1`).size).toBeLessThan(700)
  expect(statSync(path).mode & 0o077).toBe(0)
  expect(readFileSync(path, 'utf8')).toContain('entry 49')
})

test('a folder that cannot be written costs the line and nothing else', () => {
  expect(() => openLogFile(join(folder, 'none')).error('lost')).not.toThrow()
})
