import { newCommandId, type PermissionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import {
  answerShown,
  beginAsking as begin,
  letAgentIn,
  outcomeOf,
  says,
  shownHeld,
} from '../support/asking-agent.ts'
import { deskOf } from '../support/mcp-agent.ts'
import { createScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const per = (name: string) => `per_${name}` as PermissionId
const log = async (running: { dataDir: string; origin: string }) =>
  (await (await deskOf(running.dataDir, running.origin)).call('auditLog', { limit: 50 })).entries

test('[HC-1] [HC-4] a message waits, is shown whole with who sends it, and reaches the session once it is allowed, once', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source, running } = world
  const receipt = await says(agent, sessionId, 'Deploy it')
  expect(receipt).toMatchObject({
    state: 'pending',
    text: expect.stringMatching(/yes on the phone/),
  })
  const shown = await shownHeld(phone)
  expect(shown.session).toMatchObject({ sessionId, status: 'waiting', ownStatus: 'idle' })
  expect(shown.wait.ask).toEqual({
    kind: 'agent',
    deviceId: agent.deviceId,
    agentName: 'desktop',
    command: { type: 'prompt', sessionId, text: 'Deploy it', commandId: receipt.commandId },
  })
  expect(source.performed).toEqual([])
  expect((await log(running))[0]).toMatchObject({ outcome: 'pending', held: true })
  expect(await answerShown(phone, shown)).toMatchObject({ state: 'done' })
  expect(await outcomeOf(agent, receipt)).toMatchObject({
    outcome: 'done',
    by: { kind: 'device', deviceId: agent.deviceId, name: 'desktop' },
  })
  expect(await answerShown(phone, shown)).toMatchObject({ code: 'permission_already_decided' })
  expect(source.performed).toHaveLength(1)
  expect(source.performed[0]).toMatchObject({
    command: { type: 'prompt', commandId: receipt.commandId },
    by: { name: 'desktop' },
  })
  await until(() => phone.session(sessionId)?.waits.length === 0)
  expect(phone.session(sessionId)?.status).toBe('idle')
  const told = await log(running)
  expect(told.find(({ commandId }) => commandId === receipt.commandId)).toMatchObject({
    by: { name: 'desktop' },
    outcome: 'done',
    about: 'Deploy it',
  })
  expect(told.filter(({ held }) => held)).toEqual([])
  expect(told.findLast(({ commandType }) => commandType === 'decide_permission')).toMatchObject({
    by: { name: 'Test phone' },
    outcome: 'done',
    about: 'allow: desktop wants to send a message: Deploy it',
  })
})

test('[HC-4] what is denied is not done, and the agent is told why', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source } = world
  const receipt = await says(agent, sessionId, 'Deploy it')
  await answerShown(phone, await shownHeld(phone), { behavior: 'deny', reason: 'Not on a Friday' })
  expect(await outcomeOf(agent, receipt)).toMatchObject({
    outcome: 'refused',
    code: 'agent_not_allowed',
    text: 'A person said no: Not on a Friday',
  })
  const plain = await says(agent, sessionId, 'And now?')
  await answerShown(phone, await shownHeld(phone), { behavior: 'deny' })
  expect(await outcomeOf(agent, plain)).toMatchObject({ code: 'agent_not_allowed' })
  expect(source.performed).toEqual([])
})

test('[HC-1] the same command again waits with the first', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source } = world
  const command = { type: 'prompt', sessionId, text: 'go', commandId: newCommandId() } as const
  const all = await Promise.all([1, 2, 3].map(() => agent.client.call('command', command)))
  expect(all.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending'])
  const shown = await shownHeld(phone)
  expect(shown.session.waits).toHaveLength(1)
  expect(await agent.client.call('command', command)).toMatchObject({
    text: expect.stringMatching(/yes on the phone/),
  })
  await answerShown(phone, shown)
  await outcomeOf(agent, command)
  expect(source.performed).toHaveLength(1)
})

test('[HC-2] no agent decides what is held, be it its own or another’s, and whether it asks first or not', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source, running } = world
  await using free = await letAgentIn(running, { name: 'free', asksFirst: false })
  const receipt = await says(agent, sessionId, 'Deploy it')
  const shown = await shownHeld(phone)
  for (const one of [agent, free]) {
    expect(await answerShown(one, shown)).toMatchObject({ code: 'agent_refused' })
    expect(await answerShown(one, shown, { behavior: 'deny' })).toMatchObject({
      code: 'agent_refused',
    })
  }
  // Sent together: the answer may be looked at before what it answers is shown.
  const commandId = newCommandId()
  const [, early] = await Promise.all([
    agent.client.call('command', { type: 'prompt', sessionId, text: 'go', commandId }),
    agent.send({
      type: 'decide_permission',
      sessionId,
      permissionId: `per_held-${commandId.slice(4)}` as PermissionId,
      shownHash: 'x',
      decision: { behavior: 'allow' },
    }),
  ])
  expect(early).toMatchObject({ state: 'refused' })
  expect(source.performed).toEqual([])
  expect(await answerShown(phone, shown)).toMatchObject({ state: 'done' })
  expect(await outcomeOf(agent, receipt)).toMatchObject({ outcome: 'done' })
})

test('[HC-2] a device needs for its yes what the command takes, and the yes is a plain one', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source, running } = world
  const pair = async (scopes: ('watch' | 'answer' | 'drive')[]) => {
    const { pairUrl } = await running.relay.pairing.offer({ confirm: false, scopes })
    return running.phone({ pairUrl, name: scopes.join() })
  }
  await using answers = await pair(['watch', 'answer'])
  await using drives = await pair(['watch', 'drive'])
  const receipt = await says(agent, sessionId, 'Deploy it')
  const shown = await shownHeld(phone)
  await expect(answerShown(answers, shown)).rejects.toMatchObject({ code: 'scope_missing' })
  const changed = { behavior: 'allow', input: { text: 'other' } } as const
  expect(await answerShown(phone, shown, changed)).toMatchObject({ code: 'not_supported' })
  const stops = { behavior: 'deny', interrupt: true } as const
  expect(await answerShown(phone, shown, stops)).toMatchObject({ code: 'invalid_request' })
  expect(await answerShown(drives, shown)).toMatchObject({ state: 'done' })
  expect(await outcomeOf(agent, receipt)).toMatchObject({ outcome: 'done' })
  expect(source.performed).toHaveLength(1)
})

test('[PE-3] [HC-4] of answers given at the same moment one counts, and what it is to is done once or not at all', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source, running } = world
  await using other = await running.phone({ name: 'Other phone' })
  for (let round = 0; round < 5; round++) {
    const before = source.performed.length
    const receipt = await says(agent, sessionId, `round ${round}`)
    const shown = await shownHeld(phone, (wait) =>
      wait.permissionId.endsWith(receipt.commandId.slice(4)),
    )
    const answers = await Promise.all([
      answerShown(phone, shown),
      answerShown(other, shown, { behavior: 'deny' }),
      answerShown(other, shown),
    ])
    expect(answers.filter(({ state }) => state === 'done')).toHaveLength(1)
    const late = answers.filter(({ code }) => code === 'permission_already_decided')
    expect(late).toHaveLength(2)
    const { outcome } = (await outcomeOf(agent, receipt)) as { outcome: string }
    expect(source.performed.length - before).toBe(outcome === 'done' ? 1 : 0)
  }
})

test('[I11] [HC-2] a yes to something else than what is held is refused', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source } = world
  await says(agent, sessionId, 'Deploy it')
  const { session, wait } = await shownHeld(phone)
  if (wait.ask.kind !== 'agent') throw new TypeError('not held')
  const ask = { ...wait.ask, command: { ...wait.ask.command, text: 'Deploy all of it' } }
  expect(await answerShown(phone, { session, wait: { ...wait, ask } })).toMatchObject({
    code: 'shown_input_differs',
  })
  expect(source.performed).toEqual([])
})

test('[HC-1] [HC-5] an answer is held with what it is to, and not needed any more once somebody else has answered', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source } = world
  await source.ask(sessionId, per('1'), shellAsk('npm test'))
  const asked = await phone.findWait()
  const answer = () => answerShown(agent, asked, { behavior: 'allow' })
  const receipt = await answer()
  expect(receipt.state).toBe('pending')
  const shown = await shownHeld(phone)
  expect(shown.wait.ask).toMatchObject({ about: 'allow: Run a command? npm test' })
  await answerShown(phone, asked, { behavior: 'deny' })
  expect(source.performed).toHaveLength(1)
  await source.say(sessionId, 'permission.resolved', {
    permissionId: per('1'),
    outcome: 'denied',
    by: { kind: 'terminal' },
  })
  expect(await outcomeOf(agent, receipt)).toMatchObject({
    outcome: 'refused',
    code: 'permission_already_decided',
    text: 'What it would answer was decided meanwhile, so this was not done.',
  })
  await until(() => phone.session(sessionId)?.waits.length === 0)
  expect(source.performed).toHaveLength(1)

  await source.ask(sessionId, per('2'), shellAsk('npm start'))
  const second = await phone.findWait((wait) => wait.permissionId === per('2'))
  const allowed = await answerShown(agent, second, { behavior: 'allow' })
  await answerShown(phone, await shownHeld(phone))
  expect(await outcomeOf(agent, allowed)).toMatchObject({ outcome: 'done' })
  expect(source.performed.at(-1)).toMatchObject({
    command: { type: 'decide_permission', permissionId: per('2') },
    by: { name: 'desktop' },
  })
})

test('[HC-1] what cannot be done is refused at once and nobody is asked', async () => {
  await using world = await begin({ scopes: ['watch', 'drive'] })
  const { agent, phone, sessionId, source } = world
  const bare = await source.start('bare', { capabilities: ['prompt'] })
  expect(await agent.send({ type: 'interrupt', sessionId: bare })).toMatchObject({
    code: 'not_supported',
  })
  await source.ask(sessionId, per('1'), shellAsk('ls'))
  const asked = await phone.findWait()
  await expect(answerShown(agent, asked)).rejects.toMatchObject({ code: 'scope_missing' })
  await source.say(bare, 'session.ended', { reason: 'exited' })
  expect(await says(agent, bare, 'go')).toMatchObject({ code: 'session_ended' })
  expect([...phone.sessions.values()].flatMap(({ waits }) => waits)).toHaveLength(1)
})

test('[HC-4] what was allowed meets the same checks as always', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source } = world
  const receipt = await agent.send({ type: 'interrupt', sessionId })
  const shown = await shownHeld(phone)
  await source.say(sessionId, 'session.changed', { capabilities: ['prompt'] })
  expect(await answerShown(phone, shown)).toMatchObject({ state: 'done' })
  expect(await outcomeOf(agent, receipt)).toMatchObject({ code: 'not_supported' })
})

test('[HC-5] the end of the session and the removal of the agent withdraw what is held', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source, running } = world
  const other = await source.start('other')
  const first = await says(agent, sessionId, 'one')
  const second = await says(agent, other, 'two')
  await shownHeld(phone)
  await source.say(sessionId, 'session.ended', { reason: 'exited' })
  expect(await outcomeOf(phone, first)).toMatchObject({ code: 'session_ended' })
  await running.relay.devices.revoke(agent.deviceId)
  expect(await outcomeOf(phone, second)).toMatchObject({ code: 'device_removed' })
  await until(() => phone.session(other)?.waits.length === 0)
  const row = phone.rows(other).find(({ kind }) => kind === 'permission')
  const text = 'The agent was removed, so this was not done.'
  expect(row).toMatchObject({ open: false, decision: { outcome: 'withdrawn', text } })
  expect(source.performed).toEqual([])
})

test('[HC-4] an agent that need not ask any more still waits for what it has asked', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source, running } = world
  const receipt = await says(agent, sessionId, 'one')
  const shown = await shownHeld(phone)
  await running.relay.devices.setAgent(agent.deviceId, { asksFirst: false })
  expect(await says(agent, sessionId, 'two')).toMatchObject({ state: 'done' })
  expect(source.performed).toHaveLength(1)
  await answerShown(phone, shown)
  expect(await outcomeOf(agent, receipt)).toMatchObject({ outcome: 'done' })
})

test('[HC-5] after ten minutes nobody is asked any more, and the agent is told', async () => {
  let aheadMs = 0
  const clock = { nowMs: () => Date.now() + aheadMs }
  await using running = await startRelay({ overrides: { clock } })
  await using phone = await running.phone()
  await using agent = await letAgentIn(running)
  const sessionId = await running.source.start('checkout')
  const receipt = await says(agent, sessionId, 'go')
  const { wait } = await shownHeld(phone)
  const leftMs = Date.parse(wait.expiresAt ?? '') - Date.now()
  expect(leftMs).toBeGreaterThan(9 * 60_000)
  const soon = new Date(Date.now() + 60_000).toISOString()
  const brief = { type: 'prompt', sessionId, text: 'now or never', expiresAt: soon } as const
  const short = await agent.send(brief)
  await shownHeld(phone, (one) => one.expiresAt === soon)
  const waits = async () => (await running.relay.sessions.get(sessionId))?.waits.length
  aheadMs = 61_000
  await until(async () => (await waits()) === 1)
  aheadMs = 10 * 60_000 + 1_000
  await until(async () => (await waits()) === 0)
  aheadMs = 0
  expect(await outcomeOf(agent, short)).toMatchObject({ code: 'agent_not_answered' })
  expect(await outcomeOf(agent, receipt)).toMatchObject({ code: 'agent_not_answered' })
  expect(running.source.performed).toEqual([])
})

test('[EV-7] [HC-1] what is wanted of a joined session is shown with the one it is joined to, and moves with it', async () => {
  const near = createScriptedSource('near')
  const far = createScriptedSource('far')
  await using running = await startRelay({ source: near, overrides: { sources: [near, far] } })
  await using phone = await running.phone()
  await using agent = await letAgentIn(running)
  const shownOne = await near.start('near-one')
  const joined = await far.start('far-one')
  const early = await says(agent, joined, 'before')
  await shownHeld(phone)
  await far.say(joined, 'session.joined', { into: shownOne })
  await until(() => phone.session(shownOne)?.waits.length === 1)
  await until(() => phone.session(joined)?.waits.length === 0)
  const late = await says(agent, joined, 'after')
  await until(() => phone.session(shownOne)?.waits.length === 2)
  expect((await log(running)).map(({ held }) => held)).toEqual([true, true])
  for (const { commandId } of [early, late]) {
    const shown = await shownHeld(phone, ({ permissionId }) =>
      permissionId.endsWith(commandId.slice(4)),
    )
    expect(shown.session.sessionId).toBe(shownOne)
    expect(await answerShown(phone, shown)).toMatchObject({ state: 'done' })
    expect(await outcomeOf(agent, { commandId })).toMatchObject({ outcome: 'done' })
  }
  expect(far.performed.map(({ command }) => command.sessionId)).toEqual([joined, joined])
  expect(near.performed).toEqual([])
})

test('[HC-5] a yes that comes after it ran out does nothing, also before anybody looked', async () => {
  await using world = await begin()
  const { agent, phone, sessionId, source } = world
  const expiresAt = new Date(Date.now() + 600).toISOString()
  const receipt = await agent.send({ type: 'prompt', sessionId, text: 'quick', expiresAt })
  const shown = await shownHeld(phone)
  await until(() => Date.now() > Date.parse(expiresAt))
  expect(await answerShown(phone, shown)).toMatchObject({ state: 'refused' })
  expect(await outcomeOf(agent, receipt)).toMatchObject({ code: 'agent_not_answered' })
  expect(source.performed).toEqual([])
})

test('[HC-1] an agent that is told to ask while its message is looked at, asks for that one, too', async () => {
  await using world = await begin({ asksFirst: false })
  const { agent, phone, sessionId, source, running } = world
  await source.say(sessionId, 'turn.started')
  const sent = says(agent, sessionId, 'quick, before they notice')
  const desk = await deskOf(running.dataDir, running.origin)
  await desk.call('setAgent', { deviceId: agent.deviceId, asksFirst: true })
  expect(await sent).toMatchObject({ state: 'pending', text: expect.stringMatching(/yes on/) })
  await shownHeld(phone)
  expect(source.performed).toEqual([])
})
