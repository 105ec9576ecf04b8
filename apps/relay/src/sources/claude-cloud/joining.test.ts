import type { EventDraft, SessionId, SourceId } from '@bellhop/core'
import { beforeEach, expect, test } from 'vitest'
import {
  cloudRow,
  createScriptedCloudSession,
  type ScriptedCloudSession,
} from '../../../../../test/support/scripted-cloud-session.ts'
import { createVirtualTime, type VirtualTime } from '../../../../../test/support/virtual-time.ts'
import type { KnownRun } from '../../sessions/session-source.ts'
import type { CloudRow } from './cloud-api.ts'
import { createJoining, type Joining } from './joining.ts'

const sourceId = 'claude-cloud' as SourceId
const here = 'ses_here' as SessionId
const own = 'ses_cloud-01Abc' as SessionId
const answering = ['decide_permission', 'always_allow', 'answer_question', 'decide_plan']
const cloudCan = ['prompt', 'interrupt', ...answering, 'set_model', 'rename', 'archive']

let time: VirtualTime
let session: ScriptedCloudSession
let row: CloudRow | undefined
let runs: KnownRun[]
let listeners: Set<() => void>
let told: EventDraft[]
let checkpoints: Map<string, string>
let hasRow: boolean
let freshRow: () => Promise<CloudRow | undefined>
let joining: Joining
let ended: AbortController

const run = (fields: Partial<KnownRun> = {}): KnownRun => ({
  runKey: 'remote:01Abc',
  sessionId: here,
  sourceId: 'terminals' as SourceId,
  capabilities: ['prompt_as_peer', 'edit_input', ...answering],
  ...fields,
})

const begin = async () => {
  ended?.abort()
  ended = new AbortController()
  session = createScriptedCloudSession(time)
  session.append = async (drafts) => void told.push(...drafts)
  joining = createJoining(
    {
      sourceId,
      timing: time,
      sink: {
        append: async (drafts) => void told.push(...drafts),
        otherRuns: () => runs,
        onOtherRuns: (listener) => {
          listeners.add(listener)
          return { [Symbol.dispose]: () => void listeners.delete(listener) }
        },
        checkpoint: async (key) => checkpoints.get(key),
        saveCheckpoint: async (key, value) => void checkpoints.set(key, value),
      },
      rowOf: (suffix) => (suffix === row?.suffix ? row : undefined),
      freshRow: () => freshRow(),
      open: async () => (row && !row.isArchived ? session : undefined),
      hasRow: () => hasRow,
      capabilitiesOf: () => cloudCan,
      onChange: () => {},
      onFailure: (error) => {
        throw error
      },
    },
    ended.signal,
  )
  await joining.start()
}

beforeEach(async () => {
  time = createVirtualTime()
  row = cloudRow()
  runs = []
  listeners = new Set()
  told = []
  checkpoints = new Map()
  hasRow = true
  freshRow = async () => row
  await begin()
})

const changed = async () => {
  for (const listener of [...listeners]) listener()
  await time.settle()
}
/** What was told, in short: which session, and what of it. */
const news = () =>
  told.splice(0).map((draft) => {
    if (draft.type === 'session.joined') return [draft.sessionId, 'joined', draft.into]
    if (draft.type === 'session.road') return [draft.sessionId, 'road', draft.capabilities]
    if (draft.type === 'permission.resolved') return [draft.sessionId, draft.outcome]
    return [draft.sessionId, draft.type]
  })
const added = ['prompt', 'interrupt', 'set_model', 'rename']

test('[EV-7] [CM-9] a session that runs here too is shown as that one, which gains what this road adds', async () => {
  runs = [run()]
  await joining.look()
  expect(news()).toEqual([
    [own, 'joined', here],
    [here, 'road', added],
    [here, 'session.changed'],
  ])
  expect(session.joined).toEqual([{ sessionId: here, tellsPrompts: false }])
  expect(joining.stateOf('01Abc')).toEqual({ sessionId: here, tellsPrompts: false })
  expect(joining.suffixFor(here)).toBe('01Abc')
  expect(joining.suffixFor(own)).toBeUndefined()
  await joining.look()
  expect(news()).toEqual([])
  expect(session.joined).toHaveLength(1)
})

test('[CM-9] its prompts are told there only while its own road takes no answers', async () => {
  runs = [run({ capabilities: ['prompt_as_peer'] })]
  await joining.look()
  expect(news()).toContainEqual([
    here,
    'road',
    ['prompt', 'interrupt', ...answering, 'set_model', 'rename'],
  ])
  expect(session.joined).toEqual([{ sessionId: here, tellsPrompts: true }])
  runs = [run()]
  await changed()
  expect(news()).toEqual([
    [here, 'road', added],
    [here, 'session.changed'],
  ])
  expect(session.joined.at(-1)).toEqual({ sessionId: here, tellsPrompts: false })
})

test('[EV-7] a session nobody was told of is joined without ever having a row', async () => {
  hasRow = false
  runs = [run()]
  await joining.claim(cloudRow(), ended.signal)
  expect(news()).toEqual([
    [here, 'road', added],
    [here, 'session.changed'],
  ])
  expect(session.joined).toHaveLength(1)
})

test('[EV-7] at the start what is new waits a moment for whoever follows it here, all of it at once', async () => {
  hasRow = false
  let claimed = 0
  for (let count = 0; count < 3; count++) {
    joining.claim(cloudRow(), ended.signal).then(() => {
      claimed += 1
    })
  }
  await time.pass(1_000)
  expect(claimed).toBe(0)
  runs = [run()]
  await changed()
  expect(claimed).toBe(3)
  expect(news()).toHaveLength(2)
  expect(time.pending).toBe(0)
})

test('[EV-7] what nobody claims is told after the moment; old, away, in the cloud or told before it does not wait', async () => {
  hasRow = false
  let claimed = false
  joining.claim(cloudRow(), ended.signal).then(() => {
    claimed = true
  })
  await time.pass(1_900)
  expect(claimed).toBe(false)
  await time.pass(200)
  expect(claimed).toBe(true)
  const startedMs = time.nowMs()
  const atOnce = [
    { createdAtMs: time.nowMs() - 120_000 },
    { createdAtMs: time.nowMs(), connection: 'disconnected' },
    { createdAtMs: time.nowMs(), kind: 'cloud' },
  ] as const
  for (const fields of atOnce) await joining.claim(cloudRow(fields), ended.signal)
  hasRow = true
  await joining.claim(cloudRow({ createdAtMs: time.nowMs() }), ended.signal)
  expect(time.nowMs()).toBe(startedMs)
  hasRow = false
  const fresh = joining.claim(cloudRow({ createdAtMs: time.nowMs() }), ended.signal)
  await time.pass(2_000)
  await fresh
  expect(news()).toEqual([])
})

test('[EV-7] a row that came up first is joined a moment later', async () => {
  await joining.look()
  expect(news()).toEqual([])
  runs = [run()]
  await changed()
  expect(news()[0]).toEqual([own, 'joined', here])
})

test('[CM-9] when the run here ends the road closes, and a session that goes on elsewhere is shown again', async () => {
  runs = [run()]
  await joining.look()
  news()
  runs = []
  await changed()
  expect(news()).toEqual([[here, 'road', []]])
  expect(joining.stateOf('01Abc')).toEqual({ sessionId: here, tellsPrompts: false })
  await time.pass(5_100)
  expect(news()).toEqual([[own, 'joined', null]])
  expect(session.joined.at(-1)).toBeNull()
  expect(session.rows).toEqual([row])
  expect(joining.stateOf('01Abc')).toBeUndefined()
  expect(joining.suffixFor(here)).toBeUndefined()
})

test('[EV-7] a session that ended with its run here does not come up as a second row', async () => {
  runs = [run()]
  await joining.look()
  runs = []
  await changed()
  news()
  row = cloudRow({ isArchived: true })
  await joining.look()
  await time.pass(10_000)
  expect(news()).toEqual([])
  expect(joining.stateOf('01Abc')).toBeDefined()
  row = cloudRow()
  runs = [run({ sessionId: 'ses_again' as SessionId })]
  await joining.look()
  expect(news()).toEqual([
    [own, 'joined', 'ses_again'],
    ['ses_again', 'road', added],
    ['ses_again', 'session.changed'],
  ])
})

test('[EV-7] a run that is only away for a moment stays one row', async () => {
  runs = [run()]
  await joining.look()
  runs = []
  await changed()
  await time.pass(3_000)
  runs = [run()]
  await changed()
  news()
  await time.pass(120_000)
  expect(news()).toEqual([])
  expect(time.pending).toBe(0)
})

test('[EV-7] it is asked for once, and what comes back while it is asked for stays one row', async () => {
  runs = [run()]
  await joining.look()
  let asked = 0
  const answered = Promise.withResolvers<CloudRow | undefined>()
  freshRow = () => {
    asked += 1
    return answered.promise
  }
  runs = []
  await changed()
  await time.pass(1_000)
  runs = [run()]
  await changed()
  await time.pass(10_000)
  expect(asked).toBe(0)
  runs = []
  await changed()
  await joining.look()
  await time.pass(5_100)
  expect(asked).toBe(1)
  runs = [run()]
  await changed()
  news()
  answered.resolve(row)
  await time.settle()
  expect(news()).toEqual([])
  expect(joining.stateOf('01Abc')).toBeDefined()
})

test('[A-91] whether it goes on is asked again when it could not be told', async () => {
  runs = [run()]
  await joining.look()
  runs = []
  let asked = 0
  freshRow = async () => {
    asked += 1
    if (asked === 1) throw new TypeError('no answer')
    return row
  }
  await changed()
  news()
  await time.pass(30_000)
  expect(news()).toEqual([])
  await time.pass(40_000)
  expect(news()).toEqual([[own, 'joined', null]])
})

test('[A-77] a run that goes on under another id leaves the old one and joins the new one', async () => {
  runs = [run()]
  await joining.look()
  news()
  const next = 'ses_next' as SessionId
  runs = [run(), run({ sessionId: next })]
  await changed()
  expect(news()).toEqual([
    [here, 'road', []],
    [own, 'joined', next],
    [next, 'road', added],
    [next, 'session.changed'],
  ])
  expect(joining.suffixFor(next)).toBe('01Abc')
  runs = [run({ sessionId: next, runKey: 'remote:02Def' })]
  await changed()
  expect(news()).toEqual([[next, 'road', []]])
})

test('[CM-9] when the session upstream is gone or put away the local one goes on without its road', async () => {
  runs = [run({ capabilities: [] })]
  await joining.look()
  news()
  session.ask({ toolName: 'Bash', input: {}, requestId: 'open' })
  row = cloudRow({ isArchived: true })
  const before = session
  await joining.look()
  expect(news()).toEqual([[here, 'road', []]])
  row = cloudRow()
  await joining.look()
  expect(news()).toContainEqual([here, 'road', cloudCan.slice(0, -1)])
  row = undefined
  await joining.look()
  expect(news()).toEqual([[here, 'road', []]])
  expect(before.reader.prompts.size).toBe(1)
})

test('[PE-4] a road that closes takes its prompts along', async () => {
  runs = [run({ capabilities: [] })]
  await joining.look()
  news()
  session.ask({ toolName: 'Bash', input: {}, requestId: 'open' })
  runs = []
  await changed()
  expect(news()).toEqual([[here, 'road', []]])
  // The reader withdraws what it told there.
  expect(session.joined.at(-1)).toEqual({ sessionId: here, tellsPrompts: false })
})

test('[CM-9] who is asked already is asked to the end by the road they were asked by', async () => {
  runs = [run({ capabilities: ['prompt_as_peer'] })]
  await joining.look()
  news()
  const prompt = session.ask({ toolName: 'Bash', input: {} })
  runs = [run()]
  await changed()
  expect(news()).toEqual([])
  expect(session.joined).toHaveLength(1)
  session.resolve(prompt, 'here')
  await joining.look()
  expect(news()).toContainEqual([here, 'road', added])
  expect(session.joined.at(-1)).toEqual({ sessionId: here, tellsPrompts: false })
})

test('[I5] a restart remembers what it joined, tells nothing twice, and closes what went meanwhile', async () => {
  runs = [run()]
  await joining.look()
  news()
  await begin()
  expect(joining.stateOf('01Abc')).toEqual({ sessionId: here, tellsPrompts: false })
  await joining.look()
  expect(news()).toEqual([])
  expect(session.joined).toEqual([{ sessionId: here, tellsPrompts: false }])
  row = undefined
  runs = []
  await begin()
  await joining.look()
  expect(news()).toEqual([[here, 'road', []]])
  expect(joining.stateOf('01Abc')).toBeUndefined()
})

test('[I5] what a crash cut off between telling and remembering is told under the same key', async () => {
  runs = [run()]
  const before = new Map(checkpoints)
  await joining.look()
  const keys = told.splice(0).map(({ dedupeKey }) => dedupeKey)
  checkpoints = before
  await begin()
  await joining.look()
  expect(told.map(({ dedupeKey }) => dedupeKey)).toEqual(keys)
  expect(new Set(keys).size).toBe(3)
})

test('[I8] a checkpoint that cannot be read is begun anew, and runs of another kind are left alone', async () => {
  checkpoints.set('joins', '{"joins":[["01Abc",{"into":7}],3],"told":"x"}')
  runs = [run({ runKey: 'other:01Abc' }), run({ runKey: 'remote:a b' })]
  await begin()
  await joining.look()
  expect(news()).toEqual([])
  checkpoints.set('joins', 'not json')
  await begin()
  expect(joining.stateOf('01Abc')).toBeUndefined()
})
