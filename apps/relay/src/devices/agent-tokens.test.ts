import { agentTokenHash, newAgentToken } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMemoryDevices } from '../backends/memory/memory-devices.ts'
import { silentLogger } from '../logger.ts'
import { createAgentTokens } from './agent-tokens.ts'
import { createDevices } from './devices.ts'

const setup = async () => {
  const registry = createMemoryDevices()
  const clock = { nowMs: () => 1_800_000_000_000 }
  const devices = await createDevices({ registry, clock, logger: silentLogger })
  const token = newAgentToken()
  const agent = await devices.addAgent({
    publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
    thumbprint: 'thumb',
    name: 'desk',
    platform: 'test',
    scopes: ['watch', 'drive'],
    local: false,
    agent: { asksFirst: true },
    tokenHash: (await agentTokenHash(token)) ?? '',
  })
  return { devices, token, agent, tokens: createAgentTokens(devices) }
}

test('[MC-9] a token stands for its agent, with its scopes and that it asks first', async () => {
  const { tokens, token, agent } = await setup()
  expect(await tokens.principalOf(`Bearer ${token}`)).toEqual({
    deviceId: agent.deviceId,
    name: 'desk',
    scopes: ['watch', 'drive'],
    agent: { asksFirst: true },
  })
})

test('[MC-9] anything else is nobody', async () => {
  const { tokens, token, agent } = await setup()
  const others = [null, '', token, `DPoP ${token}`, `Bearer ${newAgentToken()}`, `Bearer ${token}x`]
  for (const other of [...others, `Bearer ${agent.tokenHash}`]) {
    await expect(tokens.principalOf(other)).rejects.toMatchObject({ code: 'not_paired' })
  }
})

test('[MC-9] the token of a removed agent is refused at once, and told why', async () => {
  const { tokens, token, agent, devices } = await setup()
  const removing = devices.revoke(agent.deviceId)
  const late = tokens.principalOf(`Bearer ${token}`)
  await expect(late).rejects.toMatchObject({ code: 'device_removed' })
  await removing
})
