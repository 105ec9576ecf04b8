import { join } from 'node:path'
import type { SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { openCloudSource } from '../../../apps/relay/src/sources/claude-cloud/open-cloud-source.ts'
import { sessionIdOf } from '../../../apps/relay/src/sources/claude-cloud/session-names.ts'
import { faultAnswers } from '../../session-api/error-answers.ts'
import type { StreamFault } from '../../session-api/faults.ts'
import { randomFaults, seededRandom } from '../../session-api/random-faults.ts'
import { startSessionApi } from '../../session-api/session-api.ts'
import { idSuffix } from '../../session-api/session-ids.ts'
import type { ApiSession, SessionApiOptions } from '../../session-api/types.ts'
import { createMemorySink } from '../../support/memory-sink.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const MINUTE = 60_000

/** The whole source on the test server, with a sink that only keeps what it is told. */
const startFollowing = async (options: Omit<SessionApiOptions, 'time'> = {}) => {
  const undo = new AsyncDisposableStack()
  const time = createVirtualTime()
  const folder = undo.use(tempFolder())
  const api = undo.use(await startSessionApi({ ...options, time }))
  await api.writeLogin(join(folder.path, '.claude'), { expiresAt: time.nowMs() + 8 * 3_600_000 })
  const memory = createMemorySink()
  let stop = new AbortController()
  undo.defer(() => stop.abort())
  /** Starts the source, as a relay does over the log it had before. */
  const follow = () => {
    stop.abort()
    stop = new AbortController()
    const source = openCloudSource({
      url: api.url,
      env: {},
      home: folder.path,
      timing: time,
      random: seededRandom(7),
    })
    const ended = source.run(memory.sink, stop.signal)
    ended.catch(() => {})
    const look = (...sessions: ApiSession[]) =>
      source.focus?.(new Set<SessionId>(sessions.map(({ id }) => sessionIdOf(idSuffix(id)))), false)
    const texts = ({ id }: ApiSession) => memory.texts(idSuffix(id))
    return { memory, source, look, texts, ended, stop: () => stop.abort() }
  }
  return {
    api,
    time,
    follow,
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}

const say = (session: ApiSession, text: string): void => {
  session.emit({
    type: 'assistant',
    uuid: crypto.randomUUID(),
    parent_tool_use_id: null,
    message: {
      id: `msg_${crypto.randomUUID()}`,
      role: 'assistant',
      model: 'claude-opus-5-5',
      content: [{ type: 'text', text }],
      stop_reason: null,
    },
  })
}
const sayAll = (session: ApiSession, from: number, to: number): void => {
  for (let at = from; at <= to; at++) say(session, `line ${at}`)
}
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`)

test('a session of 20,000 events opens with its newest, in three calls, and its past is read page by page [A-26] [A-30]', async () => {
  await using world = await startFollowing()
  const { api, time } = world
  const session = api.addSession({ kind: 'cloud' })
  sayAll(session, 1, 20_000)
  const { source, look, texts } = world.follow()
  await time.pass(5_000)
  const before = api.requests.length
  look(session)
  await time.pass(1_000)
  expect(api.requests.length - before).toBeLessThanOrEqual(3)
  expect(texts(session)).toEqual(lines(19_851, 20_000))
  const sessionId = sessionIdOf(idSuffix(session.id))
  const past = source.pastOf?.(sessionId) ?? ''
  const signal = new AbortController().signal
  const page = await source.readPast?.({ sessionId, past, limit: 200 }, signal)
  const said = page?.drafts.flatMap((draft) => (draft.type === 'message.agent' ? [draft.text] : []))
  expect(said).toEqual(lines(19_651, 19_850))
})

const streamFaults: StreamFault[] = [
  { kind: 'cut', afterFrames: 3, midFrame: true },
  { kind: 'gap', events: 4 },
  { kind: 'reorder' },
  { kind: 'duplicate' },
  { kind: 'strange' },
  { kind: 'broken_json' },
  { kind: 'number_sequence' },
  { kind: 'silent' },
]
test.for(streamFaults.map((fault) => [fault.kind, fault] as const))(
  'nothing is lost and nothing told twice over a stream with this fault: %s [A-28] [A-29] [A-37] [A-39]',
  async ([, fault]) => {
    await using world = await startFollowing()
    const { api, time } = world
    const session = api.addSession({ kind: 'cloud' })
    sayAll(session, 1, 5)
    api.faults.add(fault, { path: /events\/stream/ })
    const { look, texts } = world.follow()
    look(session)
    await time.pass(5_000)
    for (let at = 6; at <= 60; at++) {
      say(session, `line ${at}`)
      if (at % 5 === 0) await time.pass(7_000)
    }
    await time.pass(2 * MINUTE)
    expect(texts(session)).toEqual(lines(1, 60))
  },
)

test('a relay that was away reads all that was said meanwhile, in order, before what comes now [A-28]', async () => {
  await using world = await startFollowing({ replayLimit: 60 })
  const { api, time } = world
  const session = api.addSession({ kind: 'cloud' })
  sayAll(session, 1, 20)
  const first = world.follow()
  first.look(session)
  await time.pass(5_000)
  expect(first.texts(session)).toEqual(lines(1, 20))
  first.stop()
  await first.ended
  sayAll(session, 21, 1_300)
  const second = world.follow()
  second.look(session)
  await time.pass(5_000)
  sayAll(session, 1_301, 1_310)
  await time.pass(1_000)
  expect(second.texts(session)).toEqual(lines(1, 1_310))
})

test('an hour of random faults and restarts ends with every word told once, in order [A-28] [A-29] [A-91]', async () => {
  await using world = await startFollowing({ replayLimit: 60 })
  const { api, time } = world
  const sessions = [1, 2, 3].map(() => api.addSession({ kind: 'cloud' }))
  const faults = api.faults.pickWith(randomFaults(42, 0.25))
  let following = world.follow()
  following.look(...sessions)
  for (let minute = 0; minute < 60; minute++) {
    for (const session of sessions) {
      sayAll(session, minute * 5 + 1, minute * 5 + 3)
      if (minute % 2 === 0) session.cutStreams()
      sayAll(session, minute * 5 + 4, minute * 5 + 5)
    }
    await time.pass(minute % 7 === 3 ? 20 : MINUTE)
    if (minute % 7 !== 3) continue
    following.stop()
    await following.ended
    following = world.follow()
    following.look(...sessions)
  }
  faults[Symbol.dispose]()
  await time.pass(15 * MINUTE)
  for (const session of sessions) expect(following.texts(session)).toEqual(lines(1, 300))
  expect(following.memory.health.at(-1)?.state).toBe('ok')
}, 60_000)

test('where the newer family is not there, the older one is read, by its socket and then by asking [A-80] [A-83]', async () => {
  await using world = await startFollowing()
  const { api, time } = world
  api.families.code = false
  const session = api.addSession()
  sayAll(session, 1, 5)
  const { look, texts, source } = world.follow()
  await time.pass(10_000)
  look(session)
  await time.pass(10_000)
  sayAll(session, 6, 10)
  await time.pass(30_000)
  expect(texts(session)).toEqual(lines(1, 10))
  expect(source.details?.().join('\n')).toContain('socket')
  api.families.socket = false
  session.cutStreams()
  sayAll(session, 11, 15)
  await time.pass(60_000)
  expect(texts(session)).toEqual(lines(1, 15))
  expect(source.details?.().join('\n')).toContain('by polling the older family')
  api.families.code = true
  await time.pass(25 * MINUTE)
  sayAll(session, 16, 20)
  await time.pass(10_000)
  expect(texts(session)).toEqual(lines(1, 20))
  expect(source.details?.().join('\n')).toContain('1 by stream')
}, 30_000)

test('where there is no watch the list is asked for, where there is no stream history is [A-41] [A-39]', async () => {
  await using world = await startFollowing()
  const { api, time } = world
  api.families.watch = false
  api.families.codeStream = false
  const session = api.addSession({ kind: 'cloud' })
  sayAll(session, 1, 5)
  const { look, texts, source } = world.follow()
  await time.pass(5_000)
  look(session)
  await time.pass(5_000)
  sayAll(session, 6, 10)
  await time.pass(5_000)
  expect(texts(session)).toEqual(lines(1, 10))
  const details = source.details?.().join('\n')
  expect(details).toContain('List: asked for every 30 s')
  expect(details).toContain('1 by polling')
})

test('a session that is put away, and one that is gone, end; what is new comes up [A-25] [A-47] [A-77]', async () => {
  await using world = await startFollowing()
  const { api, time } = world
  const [one, two] = [api.addSession({ kind: 'cloud' }), api.addSession({ kind: 'cloud' })]
  const { memory } = world.follow()
  await time.pass(5_000)
  one.archive()
  api.removeSession(two.id)
  const three = api.addSession({ kind: 'cloud', title: one.row.title })
  await time.pass(5_000)
  expect(memory.ofType('session.ended', idSuffix(one.id))).toHaveLength(1)
  expect(memory.ofType('session.ended', idSuffix(two.id))).toHaveLength(1)
  expect(memory.ofType('session.started', idSuffix(three.id))).toHaveLength(1)
})

test('refusals at the edge pass without a word, a login that ended does not, and both heal [A-5] [A-11]', async () => {
  await using world = await startFollowing()
  const { api, time } = world
  const session = api.addSession({ kind: 'cloud' })
  const edge = api.faults.add(faultAnswers.edge403)
  const { memory, look, texts } = world.follow()
  look(session)
  await time.pass(2 * MINUTE)
  edge[Symbol.dispose]()
  await time.pass(MINUTE)
  expect(new Set(memory.health.map(({ state }) => state))).toEqual(new Set(['ok']))
  const dead = api.faults.add(faultAnswers.expired401)
  session.cutStreams()
  sayAll(session, 1, 3)
  await time.pass(2 * MINUTE)
  expect(memory.health.at(-1)?.state).toBe('down')
  expect(memory.health.at(-1)?.text).toContain('claude auth login')
  dead[Symbol.dispose]()
  await time.pass(2 * MINUTE)
  expect(memory.health.at(-1)?.state).toBe('ok')
  expect(texts(session)).toEqual(lines(1, 3))
})
