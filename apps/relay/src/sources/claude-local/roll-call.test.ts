import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RollCall } from './roll-call.ts'

let configDir = ''
beforeEach(async () => {
  configDir = await mkdtemp(join(tmpdir(), 'roll-call-'))
  await mkdir(join(configDir, 'sessions'))
})
afterEach(() => rm(configDir, { recursive: true, force: true }))

test('a session whose record is just being written is none that has ended', async () => {
  const { pid } = process
  const path = join(configDir, 'sessions', `${pid}.json`)
  const rollCall = new RollCall({ path: 'none', configDir, env: {} })
  const living = async () => {
    const entries = await rollCall.living(() => true, AbortSignal.timeout(5_000))
    return entries.map(({ sessionId, status }) => ({ sessionId, status }))
  }
  await writeFile(path, '')
  expect(await living()).toEqual([])
  await writeFile(path, JSON.stringify({ pid, sessionId: 'one', status: 'busy' }))
  expect(await living()).toEqual([{ sessionId: 'one', status: 'busy' }])
  await writeFile(path, '{"pid":')
  expect(await living()).toEqual([{ sessionId: 'one', status: 'busy' }])
  await writeFile(path, JSON.stringify({ pid, sessionId: 'two', status: 'idle' }))
  expect(await living()).toEqual([{ sessionId: 'two', status: 'idle' }])
  await rm(path)
  expect(await living()).toEqual([])
})
