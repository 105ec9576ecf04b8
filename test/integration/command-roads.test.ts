import { type Ask, newCommandId, type PermissionId, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'
import type { VirtualPhone, Wish } from '../support/virtual-phone.ts'

const per = (name: string) => `per_${name}` as PermissionId

const decide = async (
  phone: VirtualPhone,
  sessionId: SessionId,
  permissionId: PermissionId,
  decision: Extract<Wish, { type: 'decide_permission' }>['decision'] = { behavior: 'allow' },
) => {
  await until(() =>
    phone.session(sessionId)?.waits.find((wait) => wait.permissionId === permissionId),
  )
  const wait = phone.session(sessionId)?.waits.find((one) => one.permissionId === permissionId)
  if (!wait) throw new Error('it is not asked')
  const shownHash = await phone.shown(wait.ask)
  return phone.send({ type: 'decide_permission', sessionId, permissionId, shownHash, decision })
}

test('[CM-8] [CM-5] a command handed on without a word from the session is settled as unconfirmed, with what is known', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const { source } = running
  const sessionId = await source.start('asleep')
  const words = 'Stored. Its machine may be asleep.'
  source.onPerform = async () => ({ unconfirmed: words })
  const command = { type: 'prompt', sessionId, text: 'go on', commandId: newCommandId() } as const
  const receipt = await phone.client.call('command', command)
  expect(receipt).toEqual({ commandId: command.commandId, state: 'unconfirmed', text: words })
  const settled = await until(() => phone.events.find(({ type }) => type === 'command.settled'))
  expect(settled).toMatchObject({ outcome: 'unconfirmed', text: words })
  expect(await phone.client.call('command', command)).toEqual(receipt)
  expect(source.performed).toHaveLength(1)
})

test('[CM-8] [PE-3] an answer that is on its way unconfirmed is not followed by another one', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const { source } = running
  const sessionId = await source.start('asleep')
  await source.ask(sessionId, per('1'), shellAsk('ls'))
  source.onPerform = async () => ({ unconfirmed: 'Stored.' })
  expect(await decide(phone, sessionId, per('1'))).toMatchObject({ state: 'unconfirmed' })
  expect(await decide(phone, sessionId, per('1'), { behavior: 'deny' })).toMatchObject({
    code: 'permission_already_decided',
  })
  expect(source.performed).toHaveLength(1)
})

test('[CM-9] a command goes by the road that can do it best, an answer by the road its permission came by', async () => {
  const near = createScriptedSource('near')
  const far = createScriptedSource('far')
  await using running = await startRelay({ source: near, overrides: { sources: [near, far] } })
  await using phone = await running.phone()
  const capabilities = ['prompt_as_peer', 'edit_input', 'interrupt']
  const sessionId = await near.start('both', { capabilities })
  await near.say(sessionId, 'session.road', {
    roadSourceId: 'far',
    capabilities: ['prompt', 'interrupt', 'decide_permission'],
  })
  const ask = shellAsk('ls')
  await near.say(sessionId, 'permission.requested', {
    permissionId: per('far'),
    ask,
    sourceId: 'far',
  })
  await near.ask(sessionId, per('near'), ask)

  expect(await phone.send({ type: 'prompt', sessionId, text: 'go' })).toMatchObject({
    state: 'done',
  })
  expect(await phone.send({ type: 'interrupt', sessionId })).toMatchObject({ state: 'done' })
  const changed = { behavior: 'allow', input: { command: 'rm' } } as const
  const refused = { code: 'not_supported' }
  expect(await decide(phone, sessionId, per('far'), changed)).toMatchObject(refused)
  expect(await decide(phone, sessionId, per('far'))).toMatchObject({ state: 'done' })
  expect(await decide(phone, sessionId, per('near'))).toMatchObject(refused)
  expect(far.performed.map(({ command }) => command.type)).toEqual(['prompt', 'decide_permission'])
  expect(near.performed.map(({ command }) => command.type)).toEqual(['interrupt'])
})

test('[PE-2] a plan that cannot be changed is approved as written or not at all', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const { source } = running
  const sessionId = await source.start('plan')
  const modes = [{ mode: 'ask', words: 'Ask first' }]
  const ask: Ask = { kind: 'plan', plan: '# Plan', modes, fixed: true }
  await source.ask(sessionId, per('1'), ask)
  await until(() => phone.session(sessionId)?.waits.length === 1)
  const approve = async (changed: { plan?: string }) =>
    phone.send({
      type: 'decide_plan',
      sessionId,
      permissionId: per('1'),
      shownHash: await phone.shown(ask),
      decision: { behavior: 'approve', ...changed },
    })
  expect(await approve({ plan: '# Mine' })).toMatchObject({ code: 'not_supported' })
  expect(await approve({})).toMatchObject({ state: 'done' })
  expect(source.performed).toHaveLength(1)
})
