import type { OpenPermission, SessionEvent, SessionId } from '@bellhop/core'
import { afterEach, expect, test } from 'vitest'
import { idSuffix } from '../../session-api/session-ids.ts'
import { type CloudRelay, startCloudRelay } from '../../support/cloud-relay.ts'
import { shellAsk } from '../../support/scripted-source.ts'
import type { VirtualPhone } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

let undo = new AsyncDisposableStack()
afterEach(async () => {
  await undo.disposeAsync()
  undo = new AsyncDisposableStack()
})

const hooks = ['prompt_as_peer', 'decide_permission', 'edit_input', 'always_allow']

const setUp = async () => {
  const rig = undo.use(await startCloudRelay({ time: createVirtualTime(Date.now()) }))
  const phone = undo.use(await rig.phone({ limits: { firstMs: 10, maxMs: 50, helloMs: 5_000 } }))
  const seat = rig.seat({ title: 'Shop' })
  const runKey = `remote:${idSuffix(seat.session.id)}`
  return { rig, phone, runKey, ...seat }
}
const isRoad = (phone: VirtualPhone, here: SessionId) =>
  phone.session(here)?.capabilities.includes('set_model')
/** The rows a list shows. */
const shown = (phone: VirtualPhone) =>
  [...phone.sessions.values()].filter(
    ({ joinedTo, status }) => joinedTo === undefined && status !== 'ended',
  )
const resolved = (phone: VirtualPhone, sessionId: SessionId) =>
  phone.events.filter(
    (event): event is Extract<SessionEvent, { type: 'permission.resolved' }> =>
      event.type === 'permission.resolved' && event.sessionId === sessionId,
  )
const joined = async (capabilities: string[]) => {
  const all = await setUp()
  const here = await all.rig.local.start('here', { runKey: all.runKey, capabilities })
  await all.rig.eventually(() => isRoad(all.phone, here), { what: 'the road told' })
  return { ...all, here }
}
const decide = async (
  rig: CloudRelay,
  phone: VirtualPhone,
  { sessionId, wait }: { sessionId: SessionId; wait: OpenPermission },
) =>
  rig.send(phone, {
    type: 'decide_permission',
    sessionId,
    permissionId: wait.permissionId,
    shownHash: await phone.shown(wait.ask),
    decision: { behavior: 'allow' },
  })

test('[EV-7] [CM-9] [A-15] a session that runs here too is one row, whichever was seen first', async () => {
  const { rig, phone, runKey, id } = await setUp()
  await rig.listed(phone, id)
  const here = await rig.local.start('here', { runKey, capabilities: hooks })
  await rig.eventually(() => phone.session(id)?.joinedTo === here)
  await rig.eventually(() => isRoad(phone, here))
  expect(shown(phone).map(({ sessionId }) => sessionId)).toEqual([here])
  expect(phone.session(here)?.capabilities).not.toContain('archive')
  // One that the local source knows already never has a row of its own.
  const second = rig.addSession()
  const there = await rig.local.start('there', {
    runKey: `remote:${idSuffix(second.session.id)}`,
    capabilities: hooks,
  })
  await rig.eventually(() => phone.session(there)?.roads)
  await rig.pass(60_000)
  expect(shown(phone).map(({ sessionId }) => sessionId)).toEqual([here, there])
  expect(phone.session(second.id)).toBeUndefined()
})

test('[CM-9] each command goes by the best road: what only the cloud can, by the cloud', async () => {
  const { rig, phone, here, worker } = await joined(hooks)
  worker.push({ text: 'Hello.' })
  const said = await rig.send(phone, { type: 'prompt', sessionId: here, text: 'Hi' })
  expect(said.state).toBe('done')
  expect(worker.heard).toEqual(['Hi'])
  const set = await rig.send(phone, { type: 'set_model', sessionId: here, model: 'haiku' })
  expect(set.state).toBe('done')
  expect(worker.model).toBe('haiku')
  expect(rig.local.performed).toEqual([])
  expect(
    phone.events.some(
      (event) =>
        event.type === 'command.progressed' && event.sessionId === here && event.stage === 'stored',
    ),
  ).toBe(true)
})

test('[CM-9] [A-55] a prompt both roads know is told once, and answered by the local one', async () => {
  const { rig, phone, here, worker } = await joined(hooks)
  worker.push({ tool: 'Bash', input: { command: 'touch a' } }, { text: 'Done.' })
  await rig.local.ask(here, 'per_local', shellAsk('touch a'))
  await rig.send(phone, { type: 'prompt', sessionId: here, text: 'Go' })
  await rig.eventually(() => worker.pending)
  await rig.pass(5_000)
  expect(phone.session(here)?.waits.map(({ permissionId }) => permissionId)).toEqual(['per_local'])
  const [wait] = phone.session(here)?.waits ?? []
  // The hook lets the call run, which the worker tells upstream as an answer at its desk.
  rig.local.onPerform = async ({ command }) => {
    worker.answerAtDesk({ behavior: 'allow' })
    await rig.local.say(here, 'permission.resolved', {
      permissionId: 'per_local',
      outcome: 'allowed',
      by: { kind: 'device', deviceId: 'dev_12345678', name: 'Phone' },
      causedBy: command.commandId,
    })
  }
  const receipt = await decide(rig, phone, { sessionId: here, wait: wait as OpenPermission })
  expect(receipt.state).toBe('done')
  await rig.eventually(() => worker.ran('touch a'))
  await rig.pass(5_000)
  expect(phone.session(here)?.waits).toEqual([])
  expect(resolved(phone, here)).toHaveLength(1)
})

test('[CM-9] [A-58] where the local road takes no answers, the prompt comes and goes by the cloud', async () => {
  const { rig, phone, here, worker } = await joined(['prompt_as_peer'])
  worker.push({ tool: 'Bash', input: { command: 'touch a' } }, { text: 'Done.' })
  await rig.send(phone, { type: 'prompt', sessionId: here, text: 'Go' })
  const wait = await rig.eventually(() => phone.session(here)?.waits[0])
  expect(wait.sourceId).toBe('claude-cloud')
  expect((await decide(rig, phone, { sessionId: here, wait })).state).toBe('done')
  await rig.eventually(() => worker.ran('touch a'))
  await rig.eventually(() => phone.session(here)?.waits.length === 0)
  expect(resolved(phone, here)).toMatchObject([{ outcome: 'allowed', by: { kind: 'device' } }])
  expect(rig.local.performed).toEqual([])
})

test('[CM-9] [A-53] a prompt told by the cloud that is answered elsewhere is gone here too', async () => {
  const { rig, phone, here, worker, session } = await joined(['prompt_as_peer'])
  worker.push(
    { tool: 'Bash', input: { command: 'touch a' } },
    { tool: 'Bash', input: { command: 'touch b' } },
    { text: 'Done.' },
  )
  await rig.send(phone, { type: 'prompt', sessionId: here, text: 'Go' })
  const atDesk = await rig.eventually(() => phone.session(here)?.waits[0])
  worker.answerAtDesk({ behavior: 'allow' })
  const elsewhere = await rig.eventually(() =>
    phone.session(here)?.waits.find(({ permissionId }) => permissionId !== atDesk.permissionId),
  )
  session.receive(
    {
      type: 'control_response',
      uuid: crypto.randomUUID(),
      response: {
        subtype: 'success',
        request_id: worker.pending?.requestId,
        response: { behavior: 'allow', updatedInput: worker.pending?.input },
      },
    },
    { family: 'code', platform: 'web_claude_ai' },
  )
  await rig.eventually(() => phone.session(here)?.waits.length === 0)
  expect(resolved(phone, here)).toMatchObject([
    { permissionId: atDesk.permissionId, by: { kind: 'terminal' } },
    { permissionId: elsewhere.permissionId, by: { kind: 'source' } },
  ])
})

test('[CM-9] when the run here ends, the session that goes on elsewhere is shown by itself again', async () => {
  const { rig, phone, id, runKey } = await setUp()
  await rig.listed(phone, id)
  const here = await rig.local.start('here', { runKey, capabilities: hooks })
  await rig.eventually(() => phone.session(id)?.joinedTo === here)
  await rig.local.say(here, 'session.changed', { runKey: null })
  await rig.eventually(() => phone.session(here)?.roads === undefined)
  await rig.eventually(() => phone.session(id)?.joinedTo === undefined)
  expect(phone.session(here)?.capabilities).toEqual(hooks)
})

test('[EV-7] a session that ends here and upstream leaves no second row', async () => {
  const { rig, phone, here, worker } = await joined(hooks)
  worker.exit()
  await rig.local.say(here, 'session.ended', { reason: 'exited' })
  await rig.eventually(() => phone.session(here)?.status === 'ended')
  await rig.pass(120_000)
  expect(shown(phone)).toEqual([])
})

test('[EV-7] [I5] a restart keeps the one row, and tells nothing of it twice', async () => {
  const { rig, phone, id, runKey } = await setUp()
  await rig.listed(phone, id)
  const here = await rig.local.start('here', { runKey, capabilities: hooks })
  await rig.eventually(() => isRoad(phone, here))
  const told = () => phone.events.filter(({ type }) => /^session\.(joined|road)$/.test(type)).length
  const before = told()
  await rig.restart()
  await rig.eventually(async () => (await rig.health(phone).catch(() => undefined))?.state === 'ok')
  await rig.pass(20_000)
  const receipt = await rig.send(phone, { type: 'set_model', sessionId: here, model: 'haiku' })
  expect(receipt.state).toBe('done')
  expect(told()).toBe(before)
  expect(shown(phone).map(({ sessionId }) => sessionId)).toEqual([here])
})
