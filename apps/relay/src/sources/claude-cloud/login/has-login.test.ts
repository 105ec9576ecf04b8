import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../../../../../../test/support/temp-folder.ts'
import { systemTiming } from '../../../clock.ts'
import { hasLogin } from './has-login.ts'

const signal = new AbortController().signal
const parts = (home: string) => ({ env: { PATH: process.env.PATH }, home, timing: systemTiming })

test('[I12] whether there is a login is seen without reading it', async () => {
  using folder = tempFolder()
  const options = { ...parts(folder.path), platform: 'linux' } as const
  expect(await hasLogin(options, signal)).toBe(false)
  mkdirSync(join(folder.path, '.claude'))
  // Whoever opens this one to read it waits for ever.
  execFileSync('mkfifo', [join(folder.path, '.claude', '.credentials.json')])
  expect(await hasLogin(options, signal)).toBe(true)
})

test('[I12] [A-7] the Keychain is asked for the item and not for its secret', async () => {
  using folder = tempFolder()
  const securityProgram = join(folder.path, 'security')
  const asked = join(folder.path, 'asked')
  const set = (end: string) =>
    writeFileSync(securityProgram, `#!/bin/sh\necho "$@" >> ${asked}\n${end}\n`)
  set('exit 0')
  chmodSync(securityProgram, 0o700)
  const options = { ...parts(folder.path), platform: 'darwin', securityProgram } as const
  expect(await hasLogin(options, signal)).toBe(true)
  expect(readFileSync(asked, 'utf8')).toBe('find-generic-password -s Claude Code-credentials\n')
  set('exit 44')
  expect(await hasLogin(options, signal)).toBe(false)
})
