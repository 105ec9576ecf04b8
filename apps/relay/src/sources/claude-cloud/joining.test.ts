import type { SessionId } from '@bellhop/core'
import { beforeEach, expect, test } from 'vitest'
import {
  answering,
  here,
  type JoiningWorld,
  openJoiningWorld,
  runHere,
} from '../../../../../test/support/joining-world.ts'

const own = 'ses_cloud-01Abc' as SessionId
const added = ['prompt', 'interrupt', 'set_model', 'rename']

let world: JoiningWorld

beforeEach(async () => {
  world = await openJoiningWorld()
})

test('[EV-7] [CM-9] a session that runs here too is shown as that one, which gains what this road adds', async () => {
  world.runs = [runHere()]
  await world.joining.look()
  expect(world.news()).toEqual([
    [own, 'joined', here],
    [here, 'road', added],
    [here, 'session.changed'],
  ])
  expect(world.session.joined).toEqual([{ sessionId: here, tellsPrompts: false }])
  expect(world.joining.stateOf('01Abc')).toEqual({ sessionId: here, tellsPrompts: false })
  expect(world.joining.suffixFor(here)).toBe('01Abc')
  expect(world.joining.suffixFor(own)).toBeUndefined()
  await world.joining.look()
  expect(world.news()).toEqual([])
  expect(world.session.joined).toHaveLength(1)
})

test('[CM-9] its prompts are told there only while its own road takes no answers', async () => {
  world.runs = [runHere({ capabilities: ['prompt_as_peer'] })]
  await world.joining.look()
  expect(world.news()).toContainEqual([
    here,
    'road',
    ['prompt', 'interrupt', ...answering, 'set_model', 'rename'],
  ])
  expect(world.session.joined).toEqual([{ sessionId: here, tellsPrompts: true }])
  world.runs = [runHere()]
  await world.changed()
  expect(world.news()).toEqual([
    [here, 'road', added],
    [here, 'session.changed'],
  ])
  expect(world.session.joined.at(-1)).toEqual({ sessionId: here, tellsPrompts: false })
})

test('[EV-7] a row that came up first is joined a moment later', async () => {
  await world.joining.look()
  expect(world.news()).toEqual([])
  world.runs = [runHere()]
  await world.changed()
  expect(world.news()[0]).toEqual([own, 'joined', here])
})

test('[CM-9] who is asked already is asked to the end by the road they were asked by', async () => {
  world.runs = [runHere({ capabilities: ['prompt_as_peer'] })]
  await world.joining.look()
  world.news()
  const prompt = world.session.ask({ toolName: 'Bash', input: {} })
  world.runs = [runHere()]
  await world.changed()
  expect(world.news()).toEqual([])
  expect(world.session.joined).toHaveLength(1)
  world.session.resolve(prompt, 'here')
  await world.joining.look()
  expect(world.news()).toContainEqual([here, 'road', added])
  expect(world.session.joined.at(-1)).toEqual({ sessionId: here, tellsPrompts: false })
})

test('[I5] a restart remembers what it joined, tells nothing twice, and closes what went meanwhile', async () => {
  world.runs = [runHere()]
  await world.joining.look()
  world.news()
  await world.begin()
  expect(world.joining.stateOf('01Abc')).toEqual({ sessionId: here, tellsPrompts: false })
  await world.joining.look()
  expect(world.news()).toEqual([])
  expect(world.session.joined).toEqual([{ sessionId: here, tellsPrompts: false }])
  world.row = undefined
  world.runs = []
  await world.begin()
  await world.joining.look()
  expect(world.news()).toEqual([[here, 'road', []]])
  expect(world.joining.stateOf('01Abc')).toBeUndefined()
})

test('[I5] what a crash cut off between telling and remembering is told under the same key', async () => {
  world.runs = [runHere()]
  const before = new Map(world.checkpoints)
  await world.joining.look()
  const keys = world.told.splice(0).map(({ dedupeKey }) => dedupeKey)
  world.checkpoints = before
  await world.begin()
  await world.joining.look()
  expect(world.told.map(({ dedupeKey }) => dedupeKey)).toEqual(keys)
  expect(new Set(keys).size).toBe(3)
})

test('[I8] a checkpoint that cannot be read is begun anew, and runs of another kind are left alone', async () => {
  world.checkpoints.set('joins', '{"joins":[["01Abc",{"into":7}],3],"told":"x"}')
  world.runs = [runHere({ runKey: 'other:01Abc' }), runHere({ runKey: 'remote:a b' })]
  await world.begin()
  await world.joining.look()
  expect(world.news()).toEqual([])
  world.checkpoints.set('joins', 'not json')
  await world.begin()
  expect(world.joining.stateOf('01Abc')).toBeUndefined()
})
