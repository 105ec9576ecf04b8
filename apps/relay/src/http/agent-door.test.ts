import { type DeviceId, RelayError } from '@bellhop/core'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { silentLogger } from '../logger.ts'
import { type AgentDoor, mountAgentDoor } from './agent-door.ts'
import type { HttpEnv } from './endpoint.ts'
import { createDoorFailures } from './limits.ts'

const deviceId = 'dev_1' as DeviceId

/** A door that notes what it is asked, behind tokens that know one word. */
const makeDoor = (isIn = () => true) => {
  const app = new Hono<HttpEnv>()
  app.onError((error) => Response.json({}, { status: error instanceof RelayError ? 429 : 500 }))
  const told: string[] = []
  const door: AgentDoor = {
    serve: async ({ body }) => Response.json({ body }),
    dismiss: async (id, code) => void told.push(`${id} ${code}`),
    close: async (code) => void told.push(`close ${code}`),
  }
  let onRevoked = (_: DeviceId) => {}
  let loads = 0
  const mounted = mountAgentDoor(app, {
    agentTokens: {
      principalOf: async (authorization) => {
        if (authorization !== 'Bearer good') throw new RelayError('not_paired')
        return { deviceId, name: 'desktop', scopes: ['watch'] }
      },
    },
    devices: {
      get: () => ({ revokedAt: isIn() ? null : 'then' }) as never,
      onRevoked: (listener) => {
        onRevoked = listener
        return { [Symbol.dispose]: () => {} }
      },
    },
    callsFor: () => ({}) as never,
    load: async () => {
      loads += 1
      return door
    },
    failures: createDoorFailures({ nowMs: () => 0 }),
    logger: silentLogger,
  })
  const call = (authorization: string) =>
    app.request('/mcp', { method: 'POST', headers: { authorization }, body: '{}' })
  return { call, mounted, told, loads: () => loads, revoke: () => onRevoked(deviceId) }
}

test('[MC-10] what answers agents is loaded with the first that is let in, once', async () => {
  const { call, loads, revoke, told } = makeDoor()
  revoke()
  expect((await call('Bearer bad')).status).toBe(401)
  expect(loads()).toBe(0)
  expect((await call('Bearer good')).status).toBe(200)
  expect((await call('Bearer good')).status).toBe(200)
  expect(loads()).toBe(1)
  revoke()
  await expect.poll(() => told).toEqual(['dev_1 device_removed'])
})

test('[MC-9] an agent that is removed while its call is read is not let in', async () => {
  const { call } = makeDoor(() => false)
  const answer = await call('Bearer good')
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject({ error: { code: 'device_removed' } })
})

test('[MC-10] a relay that closes lets nobody in, and tells the door if there is one', async () => {
  const early = makeDoor()
  early.mounted.close('relay_not_running')
  expect((await early.call('Bearer good')).status).toBe(503)
  const late = makeDoor()
  await late.call('Bearer good')
  late.mounted.close('relay_not_running')
  await expect.poll(() => late.told).toEqual(['close relay_not_running'])
})

test('[MC-9] failures are counted, what is let in is not', async () => {
  const { call } = makeDoor()
  const statuses: number[] = []
  for (let tries = 0; tries < 25; tries += 1) statuses.push((await call('Bearer bad')).status)
  expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)])
  expect((await call('Bearer good')).status).toBe(200)
})
