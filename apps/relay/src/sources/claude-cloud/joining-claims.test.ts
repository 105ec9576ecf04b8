import { beforeEach, expect, test } from 'vitest'
import {
  here,
  type JoiningWorld,
  openJoiningWorld,
  runHere,
} from '../../../../../test/support/joining-world.ts'
import { cloudRow } from '../../../../../test/support/scripted-cloud-session.ts'

const added = ['prompt', 'interrupt', 'set_model', 'rename']

let world: JoiningWorld

beforeEach(async () => {
  world = await openJoiningWorld()
})

test('[EV-7] a session nobody was told of is joined without ever having a row', async () => {
  world.hasRow = false
  world.runs = [runHere()]
  await world.joining.claim(cloudRow(), world.ended.signal)
  expect(world.news()).toEqual([
    [here, 'road', added],
    [here, 'session.changed'],
  ])
  expect(world.session.joined).toHaveLength(1)
})

test('[EV-7] at the start what is new waits a moment for whoever follows it here, all of it at once', async () => {
  world.hasRow = false
  let claimed = 0
  for (let count = 0; count < 3; count++) {
    world.joining.claim(cloudRow(), world.ended.signal).then(() => {
      claimed += 1
    })
  }
  await world.time.pass(1_000)
  expect(claimed).toBe(0)
  world.runs = [runHere()]
  await world.changed()
  expect(claimed).toBe(3)
  expect(world.news()).toHaveLength(2)
  expect(world.time.pending).toBe(0)
})

test('[EV-7] what nobody claims is told after the moment; old, away, in the cloud or told before it does not wait', async () => {
  world.hasRow = false
  let claimed = false
  world.joining.claim(cloudRow(), world.ended.signal).then(() => {
    claimed = true
  })
  await world.time.pass(1_900)
  expect(claimed).toBe(false)
  await world.time.pass(200)
  expect(claimed).toBe(true)
  const startedMs = world.time.nowMs()
  const atOnce = [
    { createdAtMs: world.time.nowMs() - 120_000 },
    { createdAtMs: world.time.nowMs(), connection: 'disconnected' },
    { createdAtMs: world.time.nowMs(), kind: 'cloud' },
  ] as const
  for (const fields of atOnce) await world.joining.claim(cloudRow(fields), world.ended.signal)
  world.hasRow = true
  await world.joining.claim(cloudRow({ createdAtMs: world.time.nowMs() }), world.ended.signal)
  expect(world.time.nowMs()).toBe(startedMs)
  expect(world.news()).toEqual([])
})

test('[EV-7] one that comes up later waits half a second, and so much less as whoever follows it here is sooner', async () => {
  world.hasRow = false
  await world.time.pass(60_000)
  let claimedMs = 0
  const claim = () => {
    const fromMs = world.time.nowMs()
    claimedMs = 0
    world.joining.claim(cloudRow({ createdAtMs: fromMs }), world.ended.signal).then(() => {
      claimedMs = world.time.nowMs() - fromMs
    })
  }
  claim()
  await world.time.pass(600)
  expect(claimedMs).toBe(500)
  claim()
  await world.time.pass(200)
  world.runs = [runHere()]
  await world.changed()
  expect(claimedMs).toBe(200)
  expect(world.news()[0]).toEqual([here, 'road', added])
})

test('[EV-7] one that runs on another machine waits no longer than until that is known', async () => {
  world.hasRow = false
  let claims = 0
  const claim = () => world.joining.claim(cloudRow(), world.ended.signal).then(() => (claims += 1))
  world.isElsewhere = async () => true
  void claim()
  await world.time.settle()
  expect(claims).toBe(1)
  const known = Promise.withResolvers<boolean>()
  world.isElsewhere = () => known.promise
  void claim()
  await world.time.pass(100)
  expect(claims).toBe(1)
  known.resolve(true)
  await world.time.settle()
  expect(claims).toBe(2)
  expect(world.time.pending).toBe(0)
})
