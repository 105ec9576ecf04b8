import type { CommandId, RelayError, SessionId } from '@bellhop/core'
import { beforeEach, expect, test } from 'vitest'
import {
  cloudRow,
  createScriptedCloudSession,
  type ScriptedCloudSession,
} from '../../../../../../test/support/scripted-cloud-session.ts'
import { createVirtualTime, type VirtualTime } from '../../../../../../test/support/virtual-time.ts'
import type { SourceCommand } from '../../../sessions/session-source.ts'
import type { Fields } from '../cloud-api.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { performCommand } from './perform-command.ts'

const never = new AbortController().signal
const sessionId = 'ses_cloud-01Abc' as SessionId
const commandId = 'cmd_abcdefgh' as CommandId
const by = { kind: 'device', deviceId: 'dev_12345678', name: 'Phone' } as const

let time: VirtualTime
let session: ScriptedCloudSession
let titles: string[]
let archived: number
let apiFailure: CloudFailure | undefined

const api = {
  rename: async (_: string, title: string) => {
    if (apiFailure) throw apiFailure
    titles.push(title)
  },
  archive: async () => {
    archived += 1
  },
}

beforeEach(() => {
  time = createVirtualTime()
  session = createScriptedCloudSession(time)
  titles = []
  archived = 0
  apiFailure = undefined
})

/** Performs a command and notes how it went; settles with the receipt’s words. */
const perform = (fields: object) => {
  const command = { commandId, sessionId, ...fields }
  const state: { done?: true; words?: string | undefined; code?: string } = {}
  const running = performCommand(
    session,
    { command, by } as SourceCommand,
    { api, timing: time },
    never,
  )
  running.then(
    (doubt) => {
      state.done = true
      if (doubt) state.words = doubt.unconfirmed
    },
    (error: RelayError) => {
      state.code = error.code
      state.words = error.message
    },
  )
  return state
}
const say = (text: string) => perform({ type: 'prompt', text })
const last = () => session.sent.at(-1) as Fields & { uuid: string; request_id: string }
const received = () => session.say({ kind: 'delivery', eventId: last().uuid, status: 'received' })
const respond = (fields: object = {}) =>
  session.say({
    kind: 'control',
    requestId: last().request_id,
    isError: false,
    response: {},
    ...fields,
  })

test('[A-44] a message goes out as a person’s, without anything only a worker writes', async () => {
  say('Look at the tests')
  await time.settle()
  expect(session.sent).toEqual([
    {
      type: 'user',
      uuid: '4831e8d7-54b9-4609-9e71-21d2cbef7c55',
      message: { role: 'user', content: 'Look at the tests' },
      parent_tool_use_id: null,
    },
  ])
  expect(session.notes).toEqual([{ uuid: last().uuid, commandId, by }])
})

test('[A-82] the older family’s events name their session themselves', async () => {
  session.road = 'older-poll'
  say('Hello')
  await time.settle()
  expect(last()).toMatchObject({ session_id: 'session_01Abc', uuid: last().uuid })
})

test('[CM-8] [A-48] a message is stored, and done once its worker has it', async () => {
  const outcome = say('Hello')
  await time.settle()
  expect(session.drafts).toMatchObject([
    { type: 'command.progressed', sessionId, commandId, stage: 'stored', causedBy: commandId },
  ])
  expect(outcome.done).toBeUndefined()
  expect(session.holds).toBe(1)
  received()
  session.say({ kind: 'stored', uuid: last().uuid, source: 'worker' })
  await time.settle()
  expect(outcome).toEqual({ done: true })
  expect([session.holds, session.listeners]).toEqual([0, 0])
})

test('[A-70] the worker’s echo is as good as its receipt, the event itself is not', async () => {
  const outcome = say('Hello')
  await time.settle()
  session.say({ kind: 'stored', uuid: last().uuid, source: 'client' })
  await time.pass(2_000)
  expect(outcome).toEqual({})
  session.say({ kind: 'stored', uuid: last().uuid, source: 'worker' })
  await time.settle()
  expect(outcome).toEqual({ done: true })
})

test('[A-46] a turn that begins after a message shows it was taken; one in the middle of a turn shows nothing', async () => {
  const idle = say('Hello')
  await time.settle()
  session.say({ kind: 'turn', isOpen: true })
  await time.pass(600)
  expect(idle).toEqual({ done: true })
  session.reader.isTurnOpen = true
  const busy = say('And another')
  await time.settle()
  session.say({ kind: 'turn', isOpen: false })
  session.say({ kind: 'turn', isOpen: true })
  await time.pass(2_000)
  expect(busy).toEqual({})
})

test('[A-45] a live session that says nothing for 20 s leaves the message unconfirmed, and says what is known', async () => {
  const outcome = say('Hello')
  await time.pass(19_000)
  expect(outcome).toEqual({})
  await time.pass(2_000)
  expect(outcome).toEqual({
    done: true,
    words:
      'Stored, but the session has not said that it has it. Its machine may be asleep; it gets it when it is back.',
  })
})

test('[A-92] a machine of the cloud that has to start is given 45 s', async () => {
  session.row = cloudRow({ kind: 'cloud', connection: 'disconnected' })
  const outcome = say('Hello')
  await time.pass(44_000)
  expect(outcome).toEqual({})
  await time.pass(2_000)
  expect(outcome.words).toContain('may still be starting')
})

test('[A-22] a machine that is not connected is said so at once, unless it says otherwise', async () => {
  session.row = cloudRow({ connection: 'disconnected' })
  const away = say('Hello')
  await time.pass(1_600)
  expect(away.words).toBe(
    'Stored. The machine that runs this session is not connected just now; it gets it when it is back.',
  )
  const stale = say('Hello')
  await time.settle()
  received()
  await time.pass(600)
  expect(stale).toEqual({ done: true })
})

test('[A-4] a message that came back as another session’s is said to be', async () => {
  const outcome = say('/compact')
  await time.settle()
  received()
  const echo = { kind: 'stored', uuid: last().uuid, source: 'client', from: 'peer' } as const
  session.say(echo)
  await time.settle()
  expect(outcome.words).toMatch(/another session rather than for yours/)
})

test('[A-4] where the record says that it is a person’s, nothing more is waited for', async () => {
  const outcome = say('Hello')
  await time.settle()
  session.say({ kind: 'stored', uuid: last().uuid, source: 'client', from: 'person' })
  received()
  await time.settle()
  expect(outcome).toEqual({ done: true })
  const unsaid = say('Hello again')
  await time.settle()
  session.say({ kind: 'stored', uuid: last().uuid, source: 'client' })
  received()
  await time.settle()
  expect(unsaid).toEqual({})
  await time.pass(400)
  expect(unsaid).toEqual({ done: true })
})

test('[A-43] [A-91] a write whose answer got lost is made again under its uuid, and counts once', async () => {
  const tried: unknown[] = []
  session.onSend = ({ uuid }) => {
    tried.push(uuid)
    if (tried.length < 3) throw new CloudFailure('unreachable', 'No answer.', { maybeDone: true })
  }
  const outcome = say('Hello')
  await time.pass(5_000)
  received()
  await time.pass(600)
  expect(outcome).toEqual({ done: true })
  expect(tried).toHaveLength(3)
  expect(new Set(tried).size).toBe(1)
  expect(session.drafts).toHaveLength(1)
})

test('[A-91] [A-5] a network or an edge that stays shut ends in a refusal that may be tried again', async () => {
  let tries = 0
  session.onSend = () => {
    tries += 1
    throw new CloudFailure('edge', 'Refused before the API was reached.')
  }
  const outcome = say('Hello')
  await time.pass(15_000)
  expect(outcome).toEqual({
    code: 'source_unreachable',
    words: 'Refused before the API was reached.',
  })
  expect(tries).toBe(4)
  expect(session.drafts).toEqual([])
})

test('[A-90] Retry-After is kept while somebody waits, and told when it is longer than that', async () => {
  let tries = 0
  session.onSend = () => {
    tries += 1
    if (tries === 1) throw new CloudFailure('limited', 'Too many calls.', { retryAfterMs: 7_000 })
    throw new CloudFailure('limited', 'Too many calls.', { retryAfterMs: 60_000 })
  }
  const outcome = say('Hello')
  await time.pass(6_000)
  expect(tries).toBe(1)
  await time.pass(2_000)
  expect(tries).toBe(2)
  expect(outcome).toEqual({ code: 'source_unreachable', words: 'Too many calls.' })
})

test('[A-47] [A-9] what will not pass is refused at once, each in its own words', async () => {
  const refusals = [
    ['login', 'agent_login_needed', 'Run `claude auth login`.'],
    ['conflict', 'session_ended', 'This session was archived, so it takes nothing more.'],
    ['gone', 'source_refused', 'This session is no longer there, or not of this account any more.'],
    ['refused', 'source_refused', 'Not with this plan.'],
    ['absent', 'not_supported', 'This server does not do that.'],
  ] as const
  for (const [kind, code, words] of refusals) {
    session.onSend = () => {
      throw new CloudFailure(kind, words)
    }
    const outcome = say('Hello')
    await time.settle()
    expect(outcome).toEqual({ code, words })
  }
})

test('[A-68] settings are asked of the worker, and done when it says so', async () => {
  const asked: [object, object][] = [
    [
      { type: 'set_model', model: 'opus' },
      { subtype: 'set_model', model: 'opus' },
    ],
    [
      { type: 'set_model', model: null },
      { subtype: 'set_model', model: null },
    ],
    [
      { type: 'set_permission_mode', mode: 'plan' },
      { subtype: 'set_permission_mode', mode: 'plan' },
    ],
    [
      { type: 'set_thinking', tokens: 4000 },
      { subtype: 'set_max_thinking_tokens', max_thinking_tokens: 4000 },
    ],
  ]
  for (const [command, request] of asked) {
    const outcome = perform(command)
    await time.settle()
    expect(last()).toMatchObject({ type: 'control_request', request })
    expect(last().request_id).not.toBe(last().uuid)
    received()
    await time.settle()
    expect(outcome).toEqual({})
    respond()
    await time.settle()
    expect(outcome).toEqual({ done: true })
  }
})

test('[A-64] a worker that cannot do something refuses, in its own words where there are some', async () => {
  const refusals: [object, string, RegExp][] = [
    [
      {
        error: 'REPL bridge does not handle control_request subtype: x',
        response: { error_code: 'unsupported_request' },
      },
      'not_supported',
      /cannot do that/,
    ],
    [
      { response: { error_code: 'bypass_not_launched' } },
      'source_refused',
      /permission checks off/,
    ],
    [{ response: { error_code: 'invalid_mode' } }, 'source_refused', /does not know that/],
    [{ error: 'model: no such one' }, 'source_refused', /^The session said: model: no such one$/],
    [{}, 'source_refused', /did not take it/],
  ]
  for (const [fields, code, words] of refusals) {
    const outcome = perform({ type: 'set_permission_mode', mode: 'bypassPermissions' })
    await time.settle()
    respond({ isError: true, ...fields })
    await time.settle()
    expect(outcome).toEqual({ code, words: expect.stringMatching(words) })
  }
})

test('[A-64] a worker that never answers a request leaves it unconfirmed, and what is known is said', async () => {
  const silent = perform({ type: 'set_model', model: 'opus' })
  await time.pass(21_000)
  expect(silent.words).toMatch(/^Stored, but/)
  const heard = perform({ type: 'set_model', model: 'opus' })
  await time.settle()
  received()
  await time.pass(21_000)
  expect(heard.words).toMatch(/^The session has it, but/)
})

test('[A-67] an interrupt is done when the worker says so or its turn ends', async () => {
  session.reader.isTurnOpen = true
  const ended = perform({ type: 'interrupt' })
  await time.settle()
  expect(last().request).toEqual({ subtype: 'interrupt' })
  session.say({ kind: 'turn', isOpen: false })
  await time.settle()
  expect(ended).toEqual({ done: true })
  session.reader.isTurnOpen = false
  const idle = perform({ type: 'interrupt' })
  await time.settle()
  session.say({ kind: 'turn', isOpen: false })
  await time.settle()
  expect(idle).toEqual({})
  respond()
  await time.settle()
  expect(idle).toEqual({ done: true })
})

test('[A-24] a new title goes to the list, is told at once, and to the program where one runs', async () => {
  const outcome = perform({ type: 'rename', title: 'Shop' })
  await time.settle()
  expect(outcome).toEqual({ done: true })
  expect(titles).toEqual(['Shop'])
  expect(session.rows).toMatchObject([{ title: 'Shop', suffix: '01Abc' }])
  expect(last().request).toEqual({ subtype: 'rename_session', title: 'Shop' })
  session.row = cloudRow({ kind: 'cloud' })
  perform({ type: 'rename', title: 'Shelf' })
  await time.settle()
  expect(titles).toEqual(['Shop', 'Shelf'])
  expect(session.sent).toHaveLength(1)
})

test('[A-24] a title that is set stays set when the program cannot be told; one that is refused is not', async () => {
  session.onSend = () => {
    throw new CloudFailure('refused', 'no')
  }
  const outcome = perform({ type: 'rename', title: 'Shop' })
  await time.settle()
  expect(outcome).toEqual({ done: true })
  apiFailure = new CloudFailure('conflict', 'archived')
  const refused = perform({ type: 'rename', title: 'Shop' })
  await time.settle()
  expect(refused.code).toBe('session_ended')
  expect(session.rows).toHaveLength(1)
})

test('[A-25] a session is put away by the list, not by its worker, and is told to be over', async () => {
  const outcome = perform({ type: 'archive' })
  await time.settle()
  expect(outcome).toEqual({ done: true })
  expect(archived).toBe(1)
  expect(session.sent).toEqual([])
  expect(session.rows).toMatchObject([{ isArchived: true }])
})
