import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TranscriptWatch } from './transcript-watch.ts'

let configDir = ''
beforeEach(async () => {
  configDir = await mkdtemp(join(tmpdir(), 'config-'))
})
afterEach(() => rm(configDir, { recursive: true, force: true }))

test('a transcript is noticed from its first line on, also in folders that are made for it', async () => {
  const folder = join(configDir, 'projects', '-home-ada')
  const path = join(folder, 'one.jsonl')
  const onGrowth = vi.fn(() => watch.follow(path))
  const watch = new TranscriptWatch(onGrowth)
  const isNoticed = async (change: () => Promise<unknown>) => {
    onGrowth.mockClear()
    await change()
    await vi.waitFor(() => expect(onGrowth).toHaveBeenCalled(), { interval: 5, timeout: 5_000 })
  }
  watch.follow(path)
  await isNoticed(() => mkdir(join(configDir, 'projects')))
  await isNoticed(() => mkdir(folder))
  await isNoticed(() => appendFile(path, '{}\n'))
  await isNoticed(() => appendFile(path, '{}\n'))
  watch.close()
  onGrowth.mockClear()
  await appendFile(path, '{}\n')
  expect(onGrowth).not.toHaveBeenCalled()
})
