import { afterEach, expect, test } from 'vitest'
import { createAgentSetup } from '../../../apps/relay/src/agent-setup.ts'
import { runCli } from '../../../apps/relay/src/cli/run-cli.ts'
import { faultAnswers } from '../../session-api/error-answers.ts'
import type { Families } from '../../session-api/types.ts'
import { type CloudRelay, startCloudRelay } from '../../support/cloud-relay.ts'
import { createDrawnTerminal } from '../../support/drawn-terminal.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const MINUTE = 60_000

let undo = new AsyncDisposableStack()
afterEach(async () => {
  await undo.disposeAsync()
  undo = new AsyncDisposableStack()
})

const setUp = async (families: Partial<Families> = {}) => {
  const rig = undo.use(await startCloudRelay({ time: createVirtualTime(Date.now()), families }))
  const phone = undo.use(await rig.phone({ limits: { firstMs: 10, maxMs: 50, helloMs: 5_000 } }))
  return { rig, phone }
}

/** What a person reads who runs `bellhop doctor` beside the relay. */
const doctor = async ({ home, dataDir }: CloudRelay): Promise<string> => {
  const terminal = createDrawnTerminal({ HOME: home, PATH: '' })
  const parts = {
    startRelay: () => Promise.reject(new TypeError('doctor starts no relay')),
    agentSetup: createAgentSetup,
    mcpSetup: () => Promise.reject(new TypeError('doctor serves no agent')),
  }
  await runCli(['doctor', '--data-dir', dataDir], parts, terminal.process)
  return terminal.text()
}

test.each([
  ['the stream', {}, 'List: watched', '1 by stream'],
  ['polling', { watch: false, codeStream: false }, 'List: asked for every 30 s', '1 by polling'],
  [
    'the older family’s socket',
    { code: false },
    'List: older family, asked for every 30 s',
    '1 by the older family’s socket',
  ],
  [
    'polling the older family',
    { code: false, socket: false },
    'List: older family, asked for every 30 s',
    '1 by polling the older family',
  ],
])(
  '[A-41] [A-80] [A-83] a session is read and answered by %s, and doctor says so',
  async (_, families, list, road) => {
    const { rig, phone } = await setUp(families)
    const { id, worker } = rig.seat({ title: 'Shop' })
    await rig.listed(phone, id, { withinMs: 2 * MINUTE })
    await rig.look(phone, id)
    worker.push({ tool: 'Bash', input: { command: 'touch a' } }, { text: 'Done.' })
    const said = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'Go' })
    expect(said.state).toBe('done')
    const wait = await rig.eventually(() => phone.session(id)?.waits[0], { withinMs: 2 * MINUTE })
    const answered = await rig.send(phone, {
      type: 'decide_permission',
      sessionId: id,
      permissionId: wait.permissionId,
      shownHash: await phone.shown(wait.ask),
      decision: { behavior: 'allow' },
    })
    expect(answered.state).toBe('done')
    await rig.eventually(
      () => phone.rows(id).some((row) => row.kind === 'agent' && row.text === 'Done.'),
      { withinMs: 2 * MINUTE },
    )
    expect(worker.ran('touch a')).toBe(true)
    const text = await doctor(rig)
    expect(text).toContain(list)
    expect(text).toMatch(new RegExp(`followed just now: ${road}$`, 'm'))
    expect(text).toMatch(/Login: Claude Code’s, max, good until/)
  },
)

test('[A-25] [A-80] a session that only the older family knows takes another title, and is put away', async () => {
  const { rig, phone } = await setUp({ code: false })
  const { id, session } = rig.seat({ title: 'Shop' })
  await rig.listed(phone, id, { withinMs: 2 * MINUTE })
  await rig.look(phone, id)
  const renamed = await rig.send(phone, { type: 'rename', sessionId: id, title: 'Shelf' })
  expect(renamed).toMatchObject({ state: 'done' })
  expect(session.row.title).toBe('Shelf')
  await rig.eventually(() => phone.session(id)?.title === 'Shelf')
  const archived = await rig.send(phone, { type: 'archive', sessionId: id })
  expect(archived).toMatchObject({ state: 'done' })
  expect(session.row.status).toBe('archived')
  await rig.eventually(() => phone.session(id)?.status === 'ended')
})

test('[A-5] doctor says what is wrong, since when, and how much was not understood', async () => {
  const { rig, phone } = await setUp()
  const { id, session } = rig.addSession({ title: 'Shop', kind: 'cloud' })
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  session.emitBytes('event: client_event\nid: many\ndata: {"sequence_num":"-3"}\n\n')
  await rig.pass(1_000)
  expect(await doctor(rig)).toMatch(/passed over: 1 × /)
  const edge = rig.api.faults.add(faultAnswers.edge403)
  const beganMs = rig.time.nowMs()
  session.cutStreams()
  await rig.pass(5 * MINUTE)
  expect(await doctor(rig)).toMatch(/turned away before it reaches .* Since /)
  const { since = '' } = await rig.health(phone)
  expect(Math.abs(Date.parse(since) - beganMs)).toBeLessThan(20_000)
  expect(phone.session(id)?.title).toBe('Shop')
  edge[Symbol.dispose]()
  await rig.pass(2 * MINUTE)
  expect(await doctor(rig)).toMatch(/✓ +Source +Cloud sessions: Follows/)
})

test('[A-24] a session that somebody looks at is marked as read, one that nobody opened is not', async () => {
  const { rig, phone } = await setUp()
  const [one, two] = [rig.seat({ title: 'One' }), rig.seat({ title: 'Two' })]
  for (const { id, session } of [one, two]) {
    await rig.listed(phone, id)
    session.set({ unread: true })
  }
  await rig.pass(10_000)
  await rig.look(phone, one.id)
  await rig.eventually(() => one.session.row.unread === false)
  await rig.pass(10_000)
  expect(two.session.row.unread).toBe(true)
})
