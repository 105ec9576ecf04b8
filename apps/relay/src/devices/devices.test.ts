import type { DeviceId } from '@bellhop/core'
import { expect, test, vi } from 'vitest'
import { createMemoryDevices } from '../backends/memory/memory-devices.ts'
import { silentLogger } from '../logger.ts'
import { createDevices, type Enrolment } from './devices.ts'

const enrolment = (name: string): Enrolment => ({
  publicKey: { kty: 'EC', crv: 'P-256', x: name, y: name },
  thumbprint: `thumb-${name}`,
  name,
  platform: 'test',
  scopes: ['watch'],
  local: false,
})

const setup = async () => {
  const clock = { ms: 1_800_000_000_000, nowMs: () => clock.ms }
  const registry = createMemoryDevices()
  const open = () => createDevices({ registry, clock, logger: silentLogger })
  return { clock, registry, open, devices: await open() }
}

test('[AU-8] a removed device is known as removed at once, and everyone who listens hears of it', async () => {
  const { devices, registry } = await setup()
  const { deviceId } = await devices.enrol(enrolment('phone'))
  const heard: DeviceId[] = []
  const listening = devices.onRevoked((id) => void heard.push(id))
  const revoking = devices.revoke(deviceId)
  expect(devices.get(deviceId)?.revokedAt).not.toBeNull()
  expect(heard).toEqual([deviceId])
  await revoking
  expect((await registry.get(deviceId))?.revokedAt).not.toBeNull()
  expect(devices.list()).toEqual([])
  await expect(devices.revoke(deviceId)).rejects.toMatchObject({ code: 'device_not_found' })
  await expect(devices.rename(deviceId, 'x')).rejects.toMatchObject({ code: 'device_not_found' })
  listening[Symbol.dispose]()
  expect(heard).toHaveLength(1)
})

test('[AU-8] a restart forgets neither devices nor that one was removed', async () => {
  const { devices, open } = await setup()
  const kept = await devices.enrol(enrolment('kept'))
  const gone = await devices.enrol(enrolment('gone'))
  await devices.rename(kept.deviceId, 'My phone')
  await devices.revoke(gone.deviceId)
  const after = await open()
  expect(after.list().map((device) => device.name)).toEqual(['My phone'])
  expect(after.byThumbprint('thumb-gone')?.revokedAt).not.toBeNull()
})

test('[AU-1] a key that pairs again is the same device, with what it is granted now', async () => {
  const { devices, open } = await setup()
  const first = await devices.enrol(enrolment('phone'))
  await devices.revoke(first.deviceId)
  const again = await devices.enrol({ ...enrolment('phone'), scopes: ['watch', 'drive'] })
  expect(again).toMatchObject({
    deviceId: first.deviceId,
    scopes: ['watch', 'drive'],
    revokedAt: null,
  })
  expect((await open()).list()).toHaveLength(1)
})

test('[AU-1] this machine’s own terminal is in no list', async () => {
  const { devices } = await setup()
  await devices.enrol({ ...enrolment('terminal'), local: true })
  expect(devices.list()).toEqual([])
})

test('[I6] when a device was last seen is written once a minute at most', async () => {
  const { clock, devices, registry } = await setup()
  const { deviceId } = await devices.enrol(enrolment('phone'))
  const seen = vi.spyOn(registry, 'seen')
  for (let i = 0; i < 100; i++) {
    devices.seen(deviceId)
    clock.ms += 1_000
  }
  expect(seen).toHaveBeenCalledTimes(2)
  expect(Date.parse(devices.get(deviceId)?.lastSeenAt ?? '')).toBeGreaterThan(clock.ms - 60_000)
})

const agentEnrolment = (name: string) => ({
  ...enrolment(name),
  agent: { asksFirst: false },
  tokenHash: `hash-${name}`,
})

test('[MC-1] two agents that are in never share a name; the name of a removed one is free again', async () => {
  const { devices } = await setup()
  const both = await Promise.allSettled([
    devices.addAgent(agentEnrolment('desk')),
    devices.addAgent({ ...agentEnrolment('desk'), thumbprint: 'other', tokenHash: 'other' }),
  ])
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(both[1]).toMatchObject({ reason: { code: 'name_taken' } })
  const first = devices.byThumbprint('thumb-desk')
  if (first) await devices.revoke(first.deviceId)
  await devices.addAgent({ ...agentEnrolment('desk'), thumbprint: 'other', tokenHash: 'other' })
  expect(devices.list()).toHaveLength(1)
})

test('[MC-1] whether an agent asks first can be changed, and only of an agent', async () => {
  const { devices, open } = await setup()
  const phone = await devices.enrol(enrolment('phone'))
  const { deviceId } = await devices.addAgent(agentEnrolment('desk'))
  await devices.setAgent(deviceId, { asksFirst: true })
  expect((await open()).get(deviceId)?.agent).toEqual({ asksFirst: true })
  const wrong = devices.setAgent(phone.deviceId, { asksFirst: true })
  await expect(wrong).rejects.toMatchObject({ code: 'device_not_found' })
})
