import { createHash } from 'node:crypto'
import { type CommandId, canonicalJson, type RelayError, type SessionId } from '@bellhop/core'
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
import type { OpenPrompt } from '../parts.ts'
import { isWellFormedSuggestion } from './answer-prompt.ts'
import { performCommand } from './perform-command.ts'

const never = new AbortController().signal
const sessionId = 'ses_cloud-01Abc' as SessionId
const by = { kind: 'device', deviceId: 'dev_12345678', name: 'Phone' } as const
const api = { rename: async () => {}, archive: async () => {} }

let time: VirtualTime
let session: ScriptedCloudSession
let count = 0

beforeEach(() => {
  time = createVirtualTime()
  session = createScriptedCloudSession(time)
})

type Outcome = { done?: true; words?: string; code?: string }

const answer = (prompt: OpenPrompt, fields: object): Outcome => {
  count += 1
  const commandId = `cmd_answer${String(count).padStart(4, '0')}` as CommandId
  const { permissionId } = prompt
  const shownHash = createHash('sha256').update(canonicalJson(prompt.ask)).digest('base64url')
  const command = { commandId, sessionId, permissionId, shownHash, ...fields }
  const state: Outcome = {}
  performCommand(session, { command, by } as SourceCommand, { api, timing: time }, never).then(
    (doubt) => {
      state.done = true
      if (doubt) state.words = doubt.unconfirmed
    },
    (error: RelayError) => {
      state.code = error.code
    },
  )
  return state
}
const decide = (prompt: OpenPrompt, decision: object) =>
  answer(prompt, { type: 'decide_permission', decision })
const allow = (prompt: OpenPrompt) => decide(prompt, { behavior: 'allow' })
const last = () =>
  session.sent.at(-1) as Fields & {
    uuid: string
    response: { request_id: string; response: Fields }
  }
const taken = () => session.say({ kind: 'delivery', eventId: last().uuid, status: 'received' })

const input = { command: 'touch a', description: 'make a file' }
const mode = { type: 'setMode', mode: 'acceptEdits', destination: 'session' }
const folder = { type: 'addDirectories', directories: ['/work'], destination: 'session' }
const bash = (fields: Partial<OpenPrompt> = {}) =>
  session.ask({
    toolName: 'Bash',
    toolUseId: 'toolu_1',
    input,
    suggestions: [folder, mode],
    ...fields,
  })

test('[A-51] [A-58] yes goes to the prompt’s own id, with its input exactly as it was asked', async () => {
  const prompt = bash({ requestId: 'a5b0017c' })
  const outcome = allow(prompt)
  await time.settle()
  expect(last()).toEqual({
    type: 'control_response',
    uuid: last().uuid,
    response: {
      subtype: 'success',
      request_id: 'a5b0017c',
      response: { behavior: 'allow', updatedInput: input },
    },
  })
  expect(session.notes).toMatchObject([
    {
      uuid: last().uuid,
      answers: { permissionId: prompt.permissionId, resolved: { outcome: 'allowed' } },
    },
  ])
  taken()
  session.resolve(prompt, 'here')
  await time.settle()
  expect(outcome).toEqual({ done: true })
})

test('[A-45] that nothing is said against an answer is no sign that the worker has it', async () => {
  const prompt = bash()
  const silent = allow(prompt)
  await time.settle()
  session.say({ kind: 'stored', uuid: 'before', source: 'worker' })
  session.say({ kind: 'stored', uuid: last().uuid, source: 'client' })
  session.resolve(prompt, 'here')
  session.say({ kind: 'stored', uuid: 'another', source: 'client' })
  await time.pass(19_000)
  expect(silent).toEqual({})
  await time.pass(2_000)
  expect(silent.words).toMatch(/^Your answer is stored, but/)
  const next = bash({ requestId: 'next' })
  const seen = allow(next)
  await time.settle()
  session.say({ kind: 'stored', uuid: last().uuid, source: 'client' })
  session.resolve(next, 'here')
  session.say({ kind: 'stored', uuid: 'result', source: 'worker' })
  await time.settle()
  expect(seen).toEqual({ done: true })
})

test('[A-58] no says why, and stops the turn where that is asked', async () => {
  decide(bash(), { behavior: 'deny', reason: 'Not this file', interrupt: true })
  await time.settle()
  expect(last().response.response).toEqual({
    behavior: 'deny',
    message: 'Not this file',
    interrupt: true,
  })
  expect(session.notes[0]?.answers?.resolved).toEqual({ outcome: 'denied', text: 'Not this file' })
})

test('[A-59] a call is never changed on its way', async () => {
  const outcome = decide(bash(), { behavior: 'allow', input: { command: 'touch b' } })
  await time.settle()
  expect(outcome.code).toBe('not_supported')
  expect(session.sent).toEqual([])
})

test('[A-60] [PE-5] a rule goes back as it was offered, and only a well-formed one that was', async () => {
  decide(bash(), { behavior: 'allow', suggestionIds: ['s1'] })
  await time.settle()
  expect(last().response.response).toEqual({
    behavior: 'allow',
    updatedInput: input,
    updatedPermissions: [mode],
  })
  expect(session.notes[0]?.answers?.resolved.rules).toHaveLength(1)
  const unknown = decide(bash(), { behavior: 'allow', suggestionIds: ['s7'] })
  const broken = decide(bash({ suggestions: [{ type: 'addRules', destination: 'session' }] }), {
    behavior: 'allow',
    suggestionIds: ['s0'],
  })
  await time.settle()
  expect([unknown.code, broken.code]).toEqual(['suggestion_unknown', 'suggestion_unknown'])
  expect(session.sent).toHaveLength(1)
})

test('[A-60] what is well formed is told by kind', () => {
  const rules = [{ toolName: 'Bash', ruleContent: 'ls' }]
  const destination = 'session'
  const well = [mode, folder, { type: 'addRules', rules, behavior: 'allow', destination }]
  const not = [
    { type: 'addRules', behavior: 'allow', destination },
    { type: 'addRules', rules: [{}], behavior: 'allow', destination },
    { type: 'addRules', rules, behavior: 'maybe', destination },
    { type: 'setMode', destination },
    { type: 'addDirectories', directories: [1], destination },
    { ...mode, destination: undefined },
    { type: 'other', destination },
    'setMode',
    null,
  ]
  expect(well.filter(isWellFormedSuggestion)).toEqual(well)
  expect(not.filter(isWellFormedSuggestion)).toEqual([])
})

test('[A-62] questions go back whole, with their answers by their text', async () => {
  const questions = [
    { question: 'Which size?', header: 'Size', options: [], multiSelect: true },
    { question: 'Which colour?', header: 'Colour', options: [], multiSelect: false },
  ]
  const prompt = session.ask({
    toolName: 'AskUserQuestion',
    input: { questions, metadata: { a: 1 } },
  })
  const answers = [
    { question: 'Which size?', choices: ['S', 'L'] },
    { question: 'Which colour?', choices: [], text: 'The old green' },
  ]
  answer(prompt, { type: 'answer_question', answer: { kind: 'answers', answers } })
  await time.settle()
  expect(last().response.response).toEqual({
    behavior: 'allow',
    updatedInput: {
      questions,
      metadata: { a: 1 },
      answers: { 'Which size?': 'S, L', 'Which colour?': 'The old green' },
    },
  })
})

test('[A-62] who would rather talk denies the questions with their words', async () => {
  const prompt = session.ask({ toolName: 'AskUserQuestion', input: { questions: [] } })
  answer(prompt, { type: 'answer_question', answer: { kind: 'talk', text: 'Why sizes?' } })
  await time.settle()
  expect(last().response.response).toMatchObject({
    behavior: 'deny',
    message: expect.stringContaining('Why sizes?'),
  })
})

test('[A-63] a plan is approved into a mode, sent back with words, and changed only where the prompt has it', async () => {
  const plan = { plan: '1. Do it', planFilePath: '/p.md' }
  const approve = (given: object, fields: object = {}) =>
    answer(session.ask({ toolName: 'ExitPlanMode', input: given as Fields }), {
      type: 'decide_plan',
      decision: { behavior: 'approve', ...fields },
    })
  approve(plan, { mode: 'acceptEdits' })
  await time.settle()
  expect(last().response.response).toEqual({
    behavior: 'allow',
    updatedInput: plan,
    updatedPermissions: [mode],
  })
  approve(plan, { plan: '2. Better' })
  await time.settle()
  expect(last().response.response.updatedInput).toEqual({ ...plan, plan: '2. Better' })
  const unseen = approve({}, { plan: '2. Better' })
  await time.settle()
  expect(unseen.code).toBe('not_supported')
  answer(session.ask({ toolName: 'ExitPlanMode', input: plan }), {
    type: 'decide_plan',
    decision: { behavior: 'reject', reason: 'Smaller steps' },
  })
  await time.settle()
  expect(last().response.response).toEqual({ behavior: 'deny', message: 'Smaller steps' })
})

test('[A-61] [PE-3] a second answer is refused and not sent, however soon it comes', async () => {
  const prompt = bash()
  const first = allow(prompt)
  const second = decide(prompt, { behavior: 'deny' })
  await time.settle()
  taken()
  await time.pass(2_000)
  expect(first).toEqual({ done: true })
  expect(second).toEqual({ code: 'permission_already_decided' })
  expect(session.sent).toHaveLength(1)
})

test('[PE-3] an answer from before a restart that is on its way refuses another, but not itself', async () => {
  const refused = allow(bash({ answeredWith: 'theirs' }))
  await time.settle()
  expect(refused).toEqual({ code: 'permission_already_decided' })
  expect(session.sent).toEqual([])
  count = 70
  allow(bash({ requestId: 'again' }))
  await time.settle()
  const { uuid } = last()
  session = createScriptedCloudSession(time)
  count = 70
  allow(bash({ requestId: 'again', answeredWith: uuid }))
  await time.settle()
  expect(last().uuid).toBe(uuid)
})

test('[A-53] a prompt that is over is not answered', async () => {
  const prompt = bash()
  session.resolve(prompt, 'elsewhere')
  const outcome = allow(prompt)
  await time.settle()
  expect(outcome).toEqual({ code: 'permission_already_decided' })
  expect(session.sent).toEqual([])
})

test('[A-55] in a race with the desk the worker’s word decides, and the phone is told so', async () => {
  const prompt = bash()
  const outcome = allow(prompt)
  await time.settle()
  taken()
  await time.pass(500)
  expect(outcome).toEqual({})
  session.resolve(prompt, 'desk')
  await time.settle()
  expect(outcome).toEqual({ code: 'permission_already_decided' })
})

test('[A-53] one cancelled or answered by somebody else while ours is on its way is not ours', async () => {
  for (const other of ['elsewhere', 'nobody'] as const) {
    const prompt = bash()
    const outcome = allow(prompt)
    await time.settle()
    session.resolve(prompt, other)
    await time.settle()
    expect(outcome).toEqual({ code: 'permission_already_decided' })
  }
})

test('[A-52] a subagent’s prompt, which nothing follows, is closed by its own answer', async () => {
  const prompt = bash({ toolUseId: 'toolu_unseen' })
  session.onSettle = () => session.resolve(prompt, 'here')
  const outcome = allow(prompt)
  await time.settle()
  taken()
  await time.pass(1_400)
  expect(outcome).toEqual({})
  await time.pass(200)
  expect(outcome).toEqual({ done: true })
  expect(session.reader.prompts.size).toBe(0)
})

test('[A-61] answered while the worker is away: stored, unconfirmed, and not to be answered again', async () => {
  session.row = cloudRow({ connection: 'disconnected' })
  const prompt = bash()
  const first = allow(prompt)
  await time.pass(1_600)
  expect(first.words).toBe(
    'Your answer is stored. The machine that runs this session is not connected just now; the answer counts when it is back.',
  )
  const second = decide(prompt, { behavior: 'deny' })
  await time.settle()
  expect(second).toEqual({ code: 'permission_already_decided' })
  expect(session.sent).toHaveLength(1)
})

test('[A-43] an answer tried again, in another run of the relay too, is the same event', async () => {
  const prompt = bash({ requestId: 'same' })
  count = 41
  allow(prompt)
  await time.settle()
  const { uuid } = last()
  session = createScriptedCloudSession(time)
  count = 41
  allow(bash({ requestId: 'same' }))
  await time.settle()
  expect(last().uuid).toBe(uuid)
})

test('[A-43] [PE-3] an answer given up on that got there after all counts before the next', async () => {
  const prompt = bash()
  let lost = ''
  session.onSend = ({ uuid }) => {
    lost = String(uuid)
    throw new CloudFailure('unreachable', 'No answer.', { maybeDone: true })
  }
  const first = allow(prompt)
  await time.pass(15_000)
  expect(first).toEqual({ code: 'source_unreachable' })
  session.onSend = () => {}
  const second = decide(prompt, { behavior: 'deny' })
  await time.settle()
  session.say({ kind: 'stored', uuid: lost, source: 'client' })
  await time.settle()
  expect(second).toEqual({ code: 'permission_already_decided' })
})

test('[A-47] an answer that is refused leaves the prompt to be answered', async () => {
  const prompt = bash()
  session.onSend = () => {
    throw new CloudFailure('login', 'Run `claude auth login`.')
  }
  const first = allow(prompt)
  await time.settle()
  expect(first).toEqual({ code: 'agent_login_needed' })
  session.onSend = () => {}
  const second = allow(prompt)
  await time.settle()
  taken()
  session.resolve(prompt, 'here')
  await time.settle()
  expect(second).toEqual({ done: true })
})

test('[PE-2] [I11] an answer to what stands under the name of what was seen goes nowhere', async () => {
  const seen = bash()
  session.ask({ ...seen, requestId: 'other', ask: { kind: 'plan', plan: 'Else', modes: [] } })
  const outcome = allow(seen)
  await time.settle()
  expect(outcome).toEqual({ code: 'shown_input_differs' })
  expect(session.sent).toEqual([])
})
