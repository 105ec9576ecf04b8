import {
  ALL_SCOPES,
  type Ask,
  type Command,
  type CommandId,
  type DeviceId,
  RelayError,
  type SessionEvent,
  type SessionId,
  type SourceId,
  shownHash,
} from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMemoryBackend } from '../backends/memory/memory-backend.ts'
import { systemClock } from '../clock.ts'
import { silentLogger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import { createAgentGuard } from './agent-guard.ts'
import { createCommandDispatcher, type DispatcherParts } from './command-dispatcher.ts'
import { createIngest } from './ingest.ts'
import type { SessionSource, SourceCommand } from './session-source.ts'
import { createSignalHub } from './signal-hub.ts'

const SRC = 'scripted' as SourceId
const SES_A = 'ses_a' as SessionId
const AT = '2026-03-01T09:00:00.000Z'
const phone: Principal = {
  deviceId: 'dev_12345678' as DeviceId,
  name: 'Ada’s phone',
  scopes: ALL_SCOPES,
}
const EVERYTHING = [
  'prompt',
  'interrupt',
  'decide_permission',
  'edit_input',
  'always_allow',
  'answer_question',
  'decide_plan',
]
const toolAsk: Ask = {
  kind: 'tool',
  tool: { kind: 'shell', name: 'Bash', command: 'ls' },
  input: { command: 'ls' },
  suggestions: [{ suggestionId: 's1', words: 'Run `ls` in this project' }],
}
const questionAsk: Ask = {
  kind: 'question',
  questions: [
    { question: 'Which?', multiple: false, choices: [{ label: 'One' }, { label: 'Two' }] },
    { question: 'Also?', multiple: true, choices: [{ label: 'A' }, { label: 'B' }] },
  ],
}
const planAsk: Ask = { kind: 'plan', plan: '# Plan', modes: [{ mode: 'ask', words: 'Ask first' }] }

const setup = async (options: Partial<DispatcherParts> & { capabilities?: string[] } = {}) => {
  const { capabilities = EVERYTHING, ...parts } = options
  const backend = createMemoryBackend({ clock: systemClock })
  const { log, sessions, ledger, audit } = backend
  const hub = createSignalHub()
  const logger = silentLogger
  const ingest = createIngest({ log, sessions, hub, clock: systemClock, logger, machine: 'desk' })
  const performed: SourceCommand[] = []
  const source: SessionSource & { onPerform: SessionSource['perform'] } = {
    manifest: { sourceId: SRC, title: 'scripted' },
    run: async () => {},
    onPerform: async () => {},
    perform: (command, signal) => {
      performed.push(command)
      return source.onPerform(command, signal)
    },
  }
  const sources = { find: (id: string) => (id === SRC ? source : undefined) }
  const make = (more: Partial<DispatcherParts> = {}) =>
    createCommandDispatcher({
      guard: createAgentGuard({ sessions, log, audit, clock: systemClock }),
      devices: { get: () => undefined, onRevoked: () => ({ [Symbol.dispose]: () => {} }) },
      ...{ ledger, audit, sessions, log, ingest, sources, clock: systemClock, logger },
      ...parts,
      ...more,
    })
  let keys = 0
  const say = (type: string, fields: object = {}) =>
    ingest.append(SRC, [{ type, sessionId: SES_A, at: AT, dedupeKey: `k${keys++}`, ...fields }])
  await say('session.started', { sourceId: SRC, machine: 'desk', capabilities })
  const ask = (permissionId: string, asked: Ask) =>
    say('permission.requested', { permissionId, ask: asked })
  const settled = async (): Promise<readonly SessionEvent[]> =>
    (await log.readBack({ sessionId: SES_A, limit: 500 })).events.filter(
      (event) => event.type === 'command.settled',
    )
  const dispatcher = make()
  const send = (wish: object, as: Principal = phone) => dispatcher.dispatch(as, command(wish))
  return { dispatcher, make, send, source, performed, say, ask, settled, ledger, ingest, sessions }
}

let made = 0
const command = (wish: object): Command =>
  ({ commandId: `cmd_${10_000_000 + made++}`, sessionId: SES_A, ...wish }) as Command
const prompt = (text = 'go on') => ({ type: 'prompt', text })
const decide = async (
  permissionId: string,
  ask: Ask,
  decision: object = { behavior: 'allow' },
) => ({
  type: 'decide_permission',
  permissionId,
  shownHash: await shownHash(ask),
  decision,
})

test('[CM-5] [CM-6] a command is done by the session’s source for who sent it, and everyone is told', async () => {
  const { send, performed, settled } = await setup()
  const receipt = await send(prompt())
  expect(receipt).toEqual({ commandId: performed[0]?.command.commandId, state: 'done' })
  const by = { kind: 'device', deviceId: phone.deviceId, name: phone.name }
  expect(performed).toMatchObject([{ command: prompt(), by }])
  expect(await settled()).toMatchObject([
    { commandId: receipt.commandId, commandType: 'prompt', outcome: 'done', by },
  ])
})

test('[CM-2] without the command’s own scope nothing is taken and nothing is done', async () => {
  const { send, performed, ledger, ask } = await setup()
  await ask('per_1', toolAsk)
  const watcher = { ...phone, scopes: ['watch', 'answer'] as const }
  await expect(send(prompt(), watcher)).rejects.toMatchObject({ code: 'scope_missing' })
  await expect(send({ type: 'interrupt' }, watcher)).rejects.toMatchObject({
    code: 'scope_missing',
  })
  expect(await send(await decide('per_1', toolAsk), watcher)).toMatchObject({ state: 'done' })
  expect(performed).toHaveLength(1)
  expect(await ledger.pending()).toEqual([])
})

test('[CM-1] [I5] the same command again gets its receipt and is not done again, also while it is under way', async () => {
  const { dispatcher, source, performed, settled } = await setup()
  const going = Promise.withResolvers<void>()
  source.onPerform = () => going.promise
  const one = command(prompt())
  const both = [dispatcher.dispatch(phone, one), dispatcher.dispatch(phone, one)]
  await expect.poll(() => performed.length).toBe(1)
  both.push(dispatcher.dispatch(phone, one))
  await new Promise((resolve) => setTimeout(resolve, 20))
  going.resolve()
  const done = { commandId: one.commandId, state: 'done' }
  expect(await Promise.all(both)).toEqual([done, done, done])
  expect(await dispatcher.dispatch(phone, one)).toEqual(done)
  expect(performed).toHaveLength(1)
  expect(await settled()).toHaveLength(1)
  await expect(
    dispatcher.dispatch(phone, { ...one, text: 'else' } as Command),
  ).rejects.toMatchObject({ code: 'command_reused' })
})

test('[CM-3] [CM-4] what is too late, unknown, over or beyond the session is refused with its code and never reaches the source', async () => {
  const { send, performed, say, settled } = await setup({ capabilities: ['decide_permission'] })
  const code = async (wish: object) => (await send(wish)).code
  expect(await code({ ...prompt(), expiresAt: '2020-01-01T00:00:00Z' })).toBe('command_expired')
  expect(await code({ ...prompt(), sessionId: 'ses_nobody' })).toBe('session_not_found')
  expect(await code(prompt())).toBe('not_supported')
  await say('session.ended', { reason: 'exited' })
  expect(await code(prompt())).toBe('session_ended')
  expect(performed).toEqual([])
  expect((await settled()).map((event) => 'code' in event && event.code)).toEqual([
    'command_expired',
    'not_supported',
    'session_ended',
  ])
})

test('[CM-4] changing the input and taking a rule along need capabilities of their own', async () => {
  const { send, ask, performed } = await setup({ capabilities: ['decide_permission'] })
  await ask('per_1', toolAsk)
  const decisions = [
    { behavior: 'allow', input: { command: 'pwd' } },
    { behavior: 'allow', suggestionIds: ['s1'] },
  ]
  for (const decision of decisions) {
    expect((await send(await decide('per_1', toolAsk, decision))).code).toBe('not_supported')
  }
  expect(performed).toEqual([])
  const plain = { behavior: 'allow', suggestionIds: [] }
  expect(await send(await decide('per_1', toolAsk, plain))).toMatchObject({ state: 'done' })
})

test('[PE-2] [I11] an answer to something other than what is open is refused, and the right one still goes through', async () => {
  const { send, ask, performed } = await setup()
  await ask('per_1', toolAsk)
  const code = async (wish: object) => (await send(wish)).code
  expect(await code(await decide('per_2', toolAsk))).toBe('permission_not_found')
  expect(await code(await decide('per_1', planAsk))).toBe('shown_input_differs')
  expect(performed).toEqual([])
  expect(await send(await decide('per_1', toolAsk))).toMatchObject({ state: 'done' })
})

test('[PE-3] [I11] of two answers at the same time one is applied and the other is told so', async () => {
  const { send, ask, performed, source } = await setup()
  await ask('per_1', toolAsk)
  const going = Promise.withResolvers<void>()
  source.onPerform = () => going.promise
  const allow = send(await decide('per_1', toolAsk))
  const deny = send(await decide('per_1', toolAsk, { behavior: 'deny' }))
  expect(await deny).toMatchObject({ state: 'refused', code: 'permission_already_decided' })
  going.resolve()
  expect(await allow).toMatchObject({ state: 'done' })
  // The source has taken it, its event is still on the way.
  const late = await send(await decide('per_1', toolAsk))
  expect(late.code).toBe('permission_already_decided')
  expect(performed).toHaveLength(1)
})

test('[PE-3] permissions of two sessions that go by the same name are answered each by itself', async () => {
  const { send, ask, say } = await setup()
  const other = { sessionId: 'ses_b' }
  await say('session.started', {
    ...other,
    sourceId: SRC,
    machine: 'desk',
    capabilities: EVERYTHING,
  })
  await ask('per_1', toolAsk)
  await say('permission.requested', { ...other, permissionId: 'per_1', ask: toolAsk })
  expect(await send(await decide('per_1', toolAsk))).toMatchObject({ state: 'done' })
  const wish = await decide('per_1', toolAsk)
  expect(await send({ ...wish, ...other })).toMatchObject({ state: 'done' })
})

test('[PE-3] a late answer is told who was first', async () => {
  const { send, ask, say } = await setup()
  await ask('per_1', toolAsk)
  const by = { kind: 'device', deviceId: 'dev_desktop1', name: 'Desk browser' }
  await say('permission.resolved', { permissionId: 'per_1', outcome: 'allowed', by })
  expect(await send(await decide('per_1', toolAsk))).toMatchObject({
    code: 'permission_already_decided',
    text: 'Already allowed, on Desk browser. What you tapped was not applied.',
  })
  await ask('per_2', toolAsk)
  const source = { kind: 'source' }
  await say('permission.resolved', { permissionId: 'per_2', outcome: 'withdrawn', by: source })
  expect((await send(await decide('per_2', toolAsk))).text).toMatch('no longer asked')
})

test('[PE-3] an answer the source did not take leaves the permission to the next one', async () => {
  const { send, ask, source } = await setup()
  await ask('per_1', toolAsk)
  source.onPerform = () => Promise.reject(new RelayError('source_unreachable'))
  expect((await send(await decide('per_1', toolAsk))).code).toBe('source_unreachable')
  source.onPerform = async () => {}
  expect(await send(await decide('per_1', toolAsk))).toMatchObject({ state: 'done' })
})

test('[PE-5] a rule that was not offered cannot be taken along', async () => {
  const { send, ask, performed } = await setup()
  await ask('per_1', toolAsk)
  const invented = { behavior: 'allow', suggestionIds: ['s1', 's9'] }
  expect((await send(await decide('per_1', toolAsk, invented))).code).toBe('suggestion_unknown')
  const offered = { behavior: 'allow', suggestionIds: ['s1'] }
  expect(await send(await decide('per_1', toolAsk, offered))).toMatchObject({ state: 'done' })
  expect(performed).toHaveLength(1)
})

test('[CM-4] an answer has to fit what is asked', async () => {
  const { send, ask, performed } = await setup()
  await ask('per_q', questionAsk)
  await ask('per_p', planAsk)
  const answer = async (answers: object[]) => ({
    type: 'answer_question',
    permissionId: 'per_q',
    shownHash: await shownHash(questionAsk),
    answer: { kind: 'answers', answers },
  })
  const [one, two] = [
    { question: 'Which?', choices: ['One'] },
    { question: 'Also?', choices: ['A', 'B'] },
  ]
  const plan = async (decision: object) => ({
    type: 'decide_plan',
    permissionId: 'per_p',
    shownHash: await shownHash(planAsk),
    decision,
  })
  const misfits = [
    await answer([one]),
    await answer([two, one]),
    await answer([{ ...one, choices: ['Three'] }, two]),
    await answer([{ ...one, choices: ['One', 'Two'] }, two]),
    await answer([{ ...one, choices: [] }, two]),
    await plan({ behavior: 'approve', mode: 'bypass' }),
    { ...(await decide('per_q', questionAsk)) },
  ]
  for (const wish of misfits) expect((await send(wish)).code).toBe('invalid_request')
  expect(performed).toEqual([])
  const own = { ...one, choices: [], text: 'Neither' }
  expect(await send(await answer([own, two]))).toMatchObject({ state: 'done' })
  expect(await send(await plan({ behavior: 'approve', mode: 'ask' }))).toMatchObject({
    state: 'done',
  })
})

test('[CM-5] a source that takes its time is waited for a little; what comes of it follows', async () => {
  const { send, source, settled, ledger } = await setup({ waitMs: 5 })
  const going = Promise.withResolvers<void>()
  source.onPerform = () => going.promise
  const one = prompt()
  const receipt = await send(one)
  expect(receipt.state).toBe('pending')
  expect(await settled()).toEqual([])
  going.resolve()
  await expect.poll(settled).toMatchObject([{ commandId: receipt.commandId, outcome: 'done' }])
  await expect.poll(() => ledger.pending()).toEqual([])
})

test('[CM-5] a source that never answers is given up in the end', async () => {
  const { send, source } = await setup({ performLimitMs: 10 })
  let told: AbortSignal | undefined
  source.onPerform = (_, signal) => {
    told = signal
    return new Promise(() => {})
  }
  expect((await send(prompt())).code).toBe('source_unreachable')
  expect(told?.aborted).toBe(true)
})

test('[ER-2] a source that fails in its own way is refused as internal, without its words', async () => {
  const { send, source } = await setup()
  source.onPerform = () => Promise.reject(new TypeError('secret path /home/ada'))
  const receipt = await send(prompt())
  expect(receipt).toMatchObject({ state: 'refused', code: 'internal' })
  expect(JSON.stringify(receipt)).not.toContain('ada')
})

test('[CM-4] a session whose source is not here is source_unreachable', async () => {
  const { send } = await setup({ sources: { find: () => undefined } })
  expect((await send(prompt())).code).toBe('source_unreachable')
})

test('[CM-7] a command that a crash interrupted is settled as refused at the next start, and never done again', async () => {
  const { make, dispatcher, source, performed, settled, ledger } = await setup()
  source.onPerform = () => new Promise(() => {})
  const one = command(prompt())
  void dispatcher.dispatch(phone, one)
  await expect.poll(() => performed.length).toBe(1)
  dispatcher.stop()
  expect(await ledger.pending()).toHaveLength(1)

  const next = make()
  await next.recover()
  expect(await settled()).toMatchObject([
    { commandId: one.commandId, outcome: 'refused', code: 'source_unreachable' },
  ])
  expect(await next.dispatch(phone, one)).toMatchObject({ state: 'refused' })
  expect(performed).toHaveLength(1)
  expect(await ledger.pending()).toEqual([])
})

test('[CM-7] an outcome that was told before the crash stands', async () => {
  const { make, say, settled, ledger, send } = await setup()
  await send(prompt())
  const by = { kind: 'device' as const, deviceId: phone.deviceId, name: phone.name }
  const commandId = 'cmd_interrupted' as CommandId
  const entry = { commandId, commandType: 'prompt' as const, sessionId: SES_A, by }
  await ledger.claim({ ...entry, fingerprint: 'f', at: AT })
  await say('command.settled', { ...entry, dedupeKey: `command ${commandId}`, outcome: 'done' })
  await make().recover()
  expect(await ledger.pending()).toEqual([])
  expect(await ledger.claim({ ...entry, fingerprint: 'f', at: AT })).toMatchObject({
    state: 'done',
  })
  expect(await settled()).toHaveLength(2)
})
