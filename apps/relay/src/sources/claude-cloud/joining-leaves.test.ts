import type { SessionId } from '@bellhop/core'
import { beforeEach, expect, test } from 'vitest'
import {
  cloudCan,
  here,
  type JoiningWorld,
  openJoiningWorld,
  runHere,
} from '../../../../../test/support/joining-world.ts'
import { cloudRow } from '../../../../../test/support/scripted-cloud-session.ts'
import type { CloudRow } from './cloud-api.ts'

const own = 'ses_cloud-01Abc' as SessionId
const added = ['prompt', 'interrupt', 'set_model', 'rename']

let world: JoiningWorld

beforeEach(async () => {
  world = await openJoiningWorld()
})

test('[CM-9] when the run here ends the road closes, and a session that goes on elsewhere is shown again', async () => {
  world.runs = [runHere()]
  await world.joining.look()
  world.news()
  world.runs = []
  await world.changed()
  expect(world.news()).toEqual([[here, 'road', []]])
  expect(world.joining.stateOf('01Abc')).toEqual({ sessionId: here, tellsPrompts: false })
  await world.time.pass(5_100)
  expect(world.news()).toEqual([[own, 'joined', null]])
  expect(world.session.joined.at(-1)).toBeNull()
  expect(world.session.rows).toEqual([world.row])
  expect(world.joining.stateOf('01Abc')).toBeUndefined()
  expect(world.joining.suffixFor(here)).toBeUndefined()
})

test('[EV-7] a session that ended with its run here does not come up as a second row', async () => {
  world.runs = [runHere()]
  await world.joining.look()
  world.runs = []
  await world.changed()
  world.news()
  world.row = cloudRow({ isArchived: true })
  await world.joining.look()
  await world.time.pass(10_000)
  expect(world.news()).toEqual([])
  expect(world.joining.stateOf('01Abc')).toBeDefined()
  world.row = cloudRow()
  world.runs = [runHere({ sessionId: 'ses_again' as SessionId })]
  await world.joining.look()
  expect(world.news()).toEqual([
    [own, 'joined', 'ses_again'],
    ['ses_again', 'road', added],
    ['ses_again', 'session.changed'],
  ])
})

test('[EV-7] a run that is only away for a moment stays one row', async () => {
  world.runs = [runHere()]
  await world.joining.look()
  world.runs = []
  await world.changed()
  await world.time.pass(3_000)
  world.runs = [runHere()]
  await world.changed()
  world.news()
  await world.time.pass(120_000)
  expect(world.news()).toEqual([])
  expect(world.time.pending).toBe(0)
})

test('[EV-7] it is asked for once, and what comes back while it is asked for stays one row', async () => {
  world.runs = [runHere()]
  await world.joining.look()
  let asked = 0
  const answered = Promise.withResolvers<CloudRow | undefined>()
  world.freshRow = () => {
    asked += 1
    return answered.promise
  }
  world.runs = []
  await world.changed()
  await world.time.pass(1_000)
  world.runs = [runHere()]
  await world.changed()
  await world.time.pass(10_000)
  expect(asked).toBe(0)
  world.runs = []
  await world.changed()
  await world.joining.look()
  await world.time.pass(5_100)
  expect(asked).toBe(1)
  world.runs = [runHere()]
  await world.changed()
  world.news()
  answered.resolve(world.row)
  await world.time.settle()
  expect(world.news()).toEqual([])
  expect(world.joining.stateOf('01Abc')).toBeDefined()
})

test('[A-91] whether it goes on is asked again when it could not be told', async () => {
  world.runs = [runHere()]
  await world.joining.look()
  world.runs = []
  let asked = 0
  world.freshRow = async () => {
    asked += 1
    if (asked === 1) throw new TypeError('no answer')
    return world.row
  }
  await world.changed()
  world.news()
  await world.time.pass(30_000)
  expect(world.news()).toEqual([])
  await world.time.pass(40_000)
  expect(world.news()).toEqual([[own, 'joined', null]])
})

test('[A-77] a run that goes on under another id leaves the old one and joins the new one', async () => {
  world.runs = [runHere()]
  await world.joining.look()
  world.news()
  const next = 'ses_next' as SessionId
  world.runs = [runHere(), runHere({ sessionId: next })]
  await world.changed()
  expect(world.news()).toEqual([
    [here, 'road', []],
    [own, 'joined', next],
    [next, 'road', added],
    [next, 'session.changed'],
  ])
  expect(world.joining.suffixFor(next)).toBe('01Abc')
  world.runs = [runHere({ sessionId: next, runKey: 'remote:02Def' })]
  await world.changed()
  expect(world.news()).toEqual([[next, 'road', []]])
})

test('[CM-9] when the session upstream is gone or put away the local one goes on without its road', async () => {
  world.runs = [runHere({ capabilities: [] })]
  await world.joining.look()
  world.news()
  world.session.ask({ toolName: 'Bash', input: {}, requestId: 'open' })
  world.row = cloudRow({ isArchived: true })
  const before = world.session
  await world.joining.look()
  expect(world.news()).toEqual([[here, 'road', []]])
  world.row = cloudRow()
  await world.joining.look()
  expect(world.news()).toContainEqual([here, 'road', cloudCan.slice(0, -1)])
  world.row = undefined
  await world.joining.look()
  expect(world.news()).toEqual([[here, 'road', []]])
  expect(before.reader.prompts.size).toBe(1)
})

test('[PE-4] a road that closes takes its prompts along', async () => {
  world.runs = [runHere({ capabilities: [] })]
  await world.joining.look()
  world.news()
  world.session.ask({ toolName: 'Bash', input: {}, requestId: 'open' })
  world.runs = []
  await world.changed()
  expect(world.news()).toEqual([[here, 'road', []]])
  // The reader withdraws what it world.told there.
  expect(world.session.joined.at(-1)).toEqual({ sessionId: here, tellsPrompts: false })
})
