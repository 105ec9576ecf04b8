import { newCommandId, type PermissionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no refusal',
    (error) => error.code ?? String(error),
  )

test('[ST-2] [PE-1] a phone pairs, sees a session live, allows what it asks, and sees what came of it', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const { source } = running
  const id = await source.start('refunds')
  await source.say(id, 'turn.started')
  await source.say(id, 'message.person', { messageId: 'p1', text: 'round them up', from: 'person' })
  await source.say(id, 'tool.started', {
    toolCallId: 't1',
    tool: { kind: 'shell', name: 'Bash', command: 'ls' },
  })
  const ask = shellAsk('ls')
  await source.say(id, 'permission.requested', { permissionId: 'per_1', ask, toolCallId: 't1' })

  const { session, wait } = await phone.findWait()
  expect(session).toMatchObject({ sessionId: id, status: 'waiting', project: 'shop-api' })
  source.onPerform = async () => {
    await source.say(id, 'permission.resolved', {
      permissionId: 'per_1',
      outcome: 'allowed',
      by: { kind: 'terminal' },
    })
  }
  const receipt = await phone.send({
    type: 'decide_permission',
    sessionId: id,
    permissionId: wait.permissionId,
    shownHash: await phone.shown(wait.ask),
    decision: { behavior: 'allow' },
  })
  expect(receipt).toMatchObject({ state: 'done' })
  expect(source.performed).toHaveLength(1)
  expect(source.performed[0]?.by).toMatchObject({ kind: 'device', name: 'Test phone' })
  await until(() => phone.session(id)?.status === 'working')
  await until(() =>
    phone.events.some((event) => event.type === 'command.settled' && event.outcome === 'done'),
  )
  expect(phone.rows(id).map((row) => row.kind)).toEqual(['person', 'tool'])
})

test('[PE-3] [I11] a second answer is refused and never reaches the session', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  await using other = await running.phone({ name: 'Second phone' })
  const { source } = running
  const id = await source.start('race')
  await source.ask(id, 'per_1', shellAsk('ls'))
  const { wait } = await phone.findWait()
  await other.findWait()
  source.onPerform = async () => {
    await source.say(id, 'permission.resolved', {
      permissionId: 'per_1',
      outcome: 'allowed',
      by: { kind: 'terminal' },
    })
  }
  const answer = async (from: typeof phone) =>
    code(
      from
        .send({
          type: 'decide_permission',
          sessionId: id,
          permissionId: wait.permissionId,
          shownHash: await phone.shown(wait.ask),
          decision: { behavior: 'allow' },
        })
        .then((receipt) => {
          if (receipt.state === 'refused') throw Object.assign(new Error(), { code: receipt.code })
        }),
    )
  const both = await Promise.all([answer(phone), answer(other)])
  expect(both.sort()).toEqual(['no refusal', 'permission_already_decided'])
  expect(source.performed).toHaveLength(1)
  expect(await answer(phone)).toBe('permission_already_decided')
})

test('[PE-2] [I11] an answer to something other than what is asked is refused', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const id = await running.source.start('swap')
  await running.source.ask(id, 'per_1', shellAsk('rm -rf build'))
  await phone.findWait()
  const send = (permissionId: string, hash: string) =>
    phone
      .send({
        type: 'decide_permission',
        sessionId: id,
        permissionId: permissionId as PermissionId,
        shownHash: hash,
        decision: { behavior: 'allow' },
      })
      .then(
        (receipt) => receipt.code ?? receipt.state,
        (error) => error.code,
      )
  expect(await send('per_1', await phone.shown(shellAsk('ls')))).toBe('shown_input_differs')
  expect(await send('per_2', 'x')).toBe('permission_not_found')
  expect(running.source.performed).toHaveLength(0)
})

test('[CM-1] [I5] the same command twice is done once; another under its id is refused', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const id = await running.source.start('twice')
  const command = {
    type: 'prompt',
    sessionId: id,
    commandId: newCommandId(),
    text: 'go on',
  } as const
  const receipts = await Promise.all([
    phone.client.call('command', command),
    phone.client.call('command', command),
  ])
  expect(receipts.map((receipt) => receipt.commandId)).toEqual([
    command.commandId,
    command.commandId,
  ])
  await until(async () => (await phone.client.call('command', command)).state === 'done')
  expect(running.source.performed).toHaveLength(1)
  expect(await code(phone.client.call('command', { ...command, text: 'something else' }))).toBe(
    'command_reused',
  )
})

test('[CM-3] [CM-4] a command too late, or beyond what the session can, is refused with its reason', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const id = await running.source.start('little', { capabilities: ['decide_permission'] })
  const refusal = (more: object) =>
    phone.client
      .call('command', {
        type: 'prompt',
        sessionId: id,
        commandId: newCommandId(),
        text: 'hi',
        ...more,
      } as never)
      .then(
        (receipt) => receipt.code ?? receipt.state,
        (error) => error.code,
      )
  expect(await refusal({})).toBe('not_supported')
  expect(await refusal({ expiresAt: '2020-01-01T00:00:00Z' })).toBe('command_expired')
  expect(await refusal({ sessionId: 'ses_nobody' })).toBe('session_not_found')
  expect(await refusal({ text: '   ' })).toBe('invalid_request')
  await running.source.say(id, 'session.ended', { reason: 'exited' })
  await until(() => phone.session(id)?.status === 'ended')
  expect(await refusal({})).toBe('session_ended')
  expect(running.source.performed).toHaveLength(0)
})
