import {
  type Actor,
  type AnswerCommand,
  type EventDraft,
  parseDraft,
  RelayError,
  type SessionId,
} from '@bellhop/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Fields } from '../../claude-format/lines.ts'
import type { HeldAsk, Link } from './link.ts'
import { permissionCall, permissionIdOf, SessionAsks } from './session-asks.ts'
import type { RegistryEntry } from './session-registry.ts'

const sessionId = 'ses_x' as SessionId
const phone: Actor = { kind: 'device', deviceId: 'dev_12345678' as never, name: 'Phone' }
let drafts: EventDraft[] = []
let fresh: RegistryEntry | undefined
let hiddenHoldMs = 45_000
let isBridged = false
let readOn = async () => {}

const makeAsks = () =>
  new SessionAsks({
    sessionId,
    append: async (more) => void drafts.push(...more),
    freshStatus: async () => fresh,
    hiddenHoldMs: () => hiddenHoldMs,
    isBridged: () => isBridged,
    readOn: () => readOn(),
    onChange: () => {},
  })
let asks = makeAsks()

beforeEach(() => {
  vi.useFakeTimers()
  drafts = []
  fresh = undefined
  hiddenHoldMs = 45_000
  isBridged = false
  readOn = async () => {}
  asks = makeAsks()
})
afterEach(() => vi.useRealTimers())

/** A process at the other end that takes what it is answered, as long as it holds the hook. */
function makeLink(more: Partial<Link> = {}) {
  const state = { holds: true, answers: [] as [string, Fields][] }
  const link: Link = {
    ...{ role: 'session', pid: 7, sessionId: 'x', hasDialog: true, isClosed: false },
    isGone: () => false,
    answer: async (holdId, output) => {
      state.answers.push([holdId, output])
      return state.holds
    },
    ...more,
  }
  return Object.assign(link, state, { letGo: () => Object.assign(state, { holds: false }) })
}

const held = (more: Partial<HeldAsk> = {}, input: Fields = {}): HeldAsk => ({
  holdId: '6903ee6b-dc8b-4f58-9bb8-1d9f65d7e9aa',
  askedAtMs: Date.now(),
  toolUseId: 'toolu_1',
  input: { tool_name: 'Bash', tool_input: { command: 'ls' }, ...input },
  ...more,
})
const entry = (status: RegistryEntry['status'], statusAtMs = Date.now()): RegistryEntry => ({
  ...{ pid: 7, sessionId: 'x', cwd: '/', kind: 'interactive', entrypoint: 'cli' },
  ...{ startedAtMs: 0, status, statusAtMs },
})
const answer = (permissionId: string, behavior: 'allow' | 'deny' = 'allow') =>
  ({
    ...{
      type: 'decide_permission',
      commandId: 'cmd_12345678',
      sessionId,
      permissionId,
      shownHash: 'x',
    },
    decision: { behavior },
  }) as AnswerCommand
const resolved = () => drafts.filter(({ type }) => type === 'permission.resolved')

test('[I5] the same held hook asks under the same id from whichever run of the relay it is seen', () => {
  const first = asks.take(makeLink(), held())
  const second = makeAsks().take(makeLink(), held())
  expect(first).toEqual(second)
  expect(first).toHaveLength(1)
  expect(parseDraft(first[0])).toMatchObject({ ok: true })
  expect(permissionCall(permissionIdOf(held()))).toBe('toolu_1')
})

test('[I11] an answer goes to the session once; a second one is refused', async () => {
  const link = makeLink()
  asks.take(link, held())
  const id = permissionIdOf(held())
  await asks.answer(answer(id), phone)
  expect(link.answers).toHaveLength(1)
  expect(resolved()).toMatchObject([{ outcome: 'allowed', by: phone, causedBy: 'cmd_12345678' }])
  await expect(asks.answer(answer(id, 'deny'), phone)).rejects.toMatchObject({
    code: 'permission_already_decided',
  })
  expect(link.answers).toHaveLength(1)
  asks.gone(held().holdId, 'ran')
  asks.linkClosed(link)
  expect(resolved()).toHaveLength(1)
})

test('[PE-3] an answer the session does not take any more is refused and told to nobody', async () => {
  const link = makeLink()
  link.letGo()
  asks.take(link, held())
  await expect(asks.answer(answer(permissionIdOf(held())), phone)).rejects.toMatchObject({
    code: 'permission_already_decided',
  })
  expect(resolved()).toEqual([])
})

test('a process that cannot be reached keeps the permission open for a later try', async () => {
  const link = makeLink({
    answer: async () => {
      throw new RelayError('source_unreachable')
    },
  })
  asks.take(link, held())
  const id = permissionIdOf(held())
  await expect(asks.answer(answer(id), phone)).rejects.toMatchObject({ code: 'source_unreachable' })
  expect(asks.isOpen(id)).toBe(true)
})

test('[PE-3] a dialog that closed at the terminal settles the permission, by what the session does then', async () => {
  asks.take(makeLink(), held())
  asks.status(entry('waiting'))
  await vi.advanceTimersByTimeAsync(1_000)
  asks.status(entry('busy'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(resolved()).toMatchObject([{ outcome: 'allowed', by: { kind: 'terminal' } }])
})

test('a status from before the question, or none of waiting, settles nothing', async () => {
  const before = Date.now()
  await vi.advanceTimersByTimeAsync(5_000)
  asks.take(makeLink(), held())
  asks.status(entry('waiting', before))
  asks.status(entry('busy', before + 1))
  await vi.advanceTimersByTimeAsync(1_000)
  asks.status(entry('busy'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(resolved()).toEqual([])
})

test('[PE-3] an answer that comes after the terminal’s, before the sign of it, is refused', async () => {
  const link = makeLink()
  asks.take(link, held())
  asks.status(entry('waiting'))
  await vi.advanceTimersByTimeAsync(100)
  fresh = entry('busy')
  await expect(asks.answer(answer(permissionIdOf(held()), 'deny'), phone)).rejects.toMatchObject({
    code: 'permission_already_decided',
  })
  expect(link.answers).toEqual([])
})

test('[PE-3] a call that ended settles what was asked about it, also without an id by its input', () => {
  asks.take(makeLink(), held())
  const { toolUseId: _, ...nameless } = held({ holdId: 'aaaaaaaa-0000-4000-8000-000000000000' })
  asks.take(makeLink({ role: 'adopted' }), nameless)
  asks.callEnded({ toolUseId: 'toolu_1', name: 'Bash', input: { command: 'ls' }, isDenied: true })
  expect(resolved()).toMatchObject([{ outcome: 'denied' }, { outcome: 'denied' }])
})

test.each([
  ['ran', 'Bash', 'allowed', 'terminal'],
  ['ran', 'AskUserQuestion', 'answered', 'terminal'],
  ['ran', 'ExitPlanMode', 'approved', 'terminal'],
  ['cancelled', 'Bash', 'denied', 'terminal'],
  ['cancelled', 'ExitPlanMode', 'rejected', 'terminal'],
  ['turn_over', 'Bash', 'withdrawn', 'source'],
] as const)('[PE-3] a hook let go because it %s (%s) counts as %s', (why, name, outcome, kind) => {
  asks.take(makeLink(), held({}, { tool_name: name }))
  asks.gone(held().holdId, why)
  expect(resolved()).toMatchObject([{ outcome, by: { kind } }])
})

test('[PE-3] a hook let go while others may answer too is settled by what the transcript tells', async () => {
  isBridged = true
  const call = { toolUseId: 'toolu_1', name: 'Bash', input: { command: 'ls' } }
  readOn = async () => asks.callEnded({ ...call, isDenied: true })
  asks.take(makeLink(), held())
  asks.gone(held().holdId, 'cancelled')
  expect(resolved()).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(resolved()).toMatchObject([{ outcome: 'denied', by: { kind: 'source' } }])
})

test('[PE-3] where nothing is told of it, a hook let go while others may answer counts as answered elsewhere', async () => {
  isBridged = true
  const link = makeLink()
  asks.take(link, held())
  link.letGo()
  asks.gone(held().holdId, 'cancelled')
  const late = asks.answer(answer(permissionIdOf(held()), 'deny'), phone)
  await expect(late).rejects.toMatchObject({ code: 'permission_already_decided' })
  await vi.advanceTimersByTimeAsync(1_000)
  const elsewhere = { outcome: 'withdrawn', by: { kind: 'source' } }
  expect(resolved()).toMatchObject([{ ...elsewhere, text: 'It was answered elsewhere.' }])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(resolved()).toHaveLength(1)
})

test('[PE-3] a hook let go while others may answer is settled at once even where its hold had an end', async () => {
  isBridged = true
  asks.take(makeLink(), held({}, { agent_id: 'a1' }))
  asks.gone(held().holdId, 'cancelled')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(resolved()).toHaveLength(1)
})

test('[PE-3] a prompt answered from afar goes here too, without a word of where, and its hook is let go', async () => {
  isBridged = true
  const link = makeLink()
  asks.take(link, held())
  asks.status(entry('waiting'))
  await vi.advanceTimersByTimeAsync(1_000)
  asks.status(entry('busy'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(resolved()).toMatchObject([{ outcome: 'allowed', by: { kind: 'source' } }])
  expect(link.answers).toEqual([[held().holdId, {}]])
})

test('where holding hides the prompt it is bounded, and says until when', async () => {
  const link = makeLink()
  const request = asks.take(link, held({}, { agent_id: 'a1' }))
  expect(request).toMatchObject([{ subagent: { agentId: 'a1' }, expiresAt: expect.any(String) }])
  await vi.advanceTimersByTimeAsync(44_000)
  expect(link.answers).toEqual([])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(link.answers).toEqual([[held().holdId, {}]])
  expect(resolved()).toMatchObject([{ outcome: 'withdrawn', by: { kind: 'source' } }])
})

test('where holding hides the prompt and nobody could answer, it is not held at all', () => {
  hiddenHoldMs = 0
  const link = makeLink()
  expect(asks.take(link, held({}, { agent_id: 'a1' }))).toEqual([])
  expect(link.answers).toEqual([[held().holdId, {}]])
  expect(asks.take(makeLink(), held())).toHaveLength(1)
})

test('stopping while it asks refuses the call and ends the turn', async () => {
  const link = makeLink()
  asks.take(link, held())
  expect(await asks.interrupt(phone, 'cmd_12345678' as never)).toBe(true)
  expect(link.answers[0]?.[1]).toMatchObject({
    hookSpecificOutput: { decision: { behavior: 'deny', interrupt: true } },
  })
  expect(await asks.interrupt(phone, 'cmd_12345678' as never)).toBe(false)
})

test('[PE-3] what a process held goes with it', () => {
  const link = makeLink()
  asks.take(link, held())
  asks.linkClosed(makeLink())
  expect(resolved()).toEqual([])
  asks.linkClosed(link)
  expect(resolved()).toMatchObject([{ outcome: 'withdrawn', by: { kind: 'source' } }])
})
