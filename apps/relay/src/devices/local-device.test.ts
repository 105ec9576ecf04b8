import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALL_SCOPES } from '@bellhop/core'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryDevices } from '../backends/memory/memory-devices.ts'
import { systemClock } from '../clock.ts'
import { silentLogger } from '../logger.ts'
import { createDevices } from './devices.ts'
import { enrolLocalDevice, readLocalKey } from './local-device.ts'

const setup = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bellhop-local-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const registry = createMemoryDevices()
  const enrol = async () =>
    enrolLocalDevice({
      dataDir,
      name: 'desk',
      devices: await createDevices({ registry, clock: systemClock, logger: silentLogger }),
    })
  return { dataDir, enrol, keyFile: join(dataDir, 'terminal-key.json') }
}

test('[AU-1] the terminal is a device with every scope, and the same one after each start', async () => {
  const { dataDir, enrol } = await setup()
  expect(await readLocalKey(dataDir)).toBeUndefined()
  const device = await enrol()
  expect(device).toMatchObject({ local: true, scopes: ALL_SCOPES })
  expect((await readLocalKey(dataDir))?.thumbprint).toBe(device.thumbprint)
  expect(await enrol()).toEqual(device)
})

test('[AU-1] the terminal’s key is for its own person’s eyes only', async () => {
  const { dataDir, enrol, keyFile } = await setup()
  await enrol()
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
  await chmod(keyFile, 0o644)
  await enrol()
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
  expect(await readdir(dataDir)).toEqual(['terminal-key.json'])
})

test('[AU-1] two starts at the same moment agree on one key', async () => {
  const { enrol } = await setup()
  const [a, b] = await Promise.all([enrol(), enrol()])
  expect(a.thumbprint).toBe(b.thumbprint)
})

test('[ER-1] a key file that cannot be read is named, and left as it is', async () => {
  const { enrol, keyFile } = await setup()
  for (const text of ['', 'not JSON', '{"kty":"oct","k":"AAAA"}', '{"kty":"EC","crv":"P-256"}']) {
    await writeFile(keyFile, text)
    await expect(enrol()).rejects.toMatchObject({
      code: 'data_folder_unusable',
      details: { path: keyFile },
    })
    expect(await readFile(keyFile, 'utf8')).toBe(text)
  }
})
