import type { CommandOf } from '@bellhop/core'
import { expect, test } from 'vitest'
import {
  answerTo,
  desktop,
  guardWorld,
  idOf,
  person,
  to,
} from '../../../../test/support/guard-world.ts'

test('[MC-7] everything else one agent asks for is bounded too, and a person is not held up', async () => {
  const { guard, session, pass } = guardWorld({
    bounds: { perAgent: 1, perAgentElse: 2, lookMs: 1 },
  })
  const a = await session('a')
  const stop = () => ({ type: 'interrupt', commandId: idOf(), sessionId: a }) as const
  expect(await guard.check(desktop, stop())).toBe(0)
  expect(await guard.check(desktop, answerTo(a))).toBe(0)
  for (const asked of [stop(), answerTo(a)]) {
    await expect(guard.check(desktop, asked)).rejects.toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('at most 2 things a minute'),
    })
  }
  expect(await guard.check(desktop, to(a, 'a message'))).toBe(1)
  for (let at = 0; at < 9; at += 1) expect(await guard.check(person, stop())).toBe(0)
  pass(60_000)
  expect(await guard.check(desktop, stop())).toBe(0)
})

test('[MC-7] leave for later, taken along with an answer, is for a person to give', async () => {
  const { guard, session } = guardWorld({ bounds: { lookMs: 1 } })
  const a = await session('a')
  const allow = (suggestionIds: readonly string[]) =>
    answerTo(a, { decision: { behavior: 'allow', suggestionIds } })
  const approve = (decision: object) =>
    ({ ...answerTo(a), type: 'decide_plan', decision }) as unknown as CommandOf<'decide_plan'>
  const lasting = [() => allow(['s0']), () => approve({ behavior: 'approve', mode: 'acceptEdits' })]
  for (const answer of lasting) {
    await expect(guard.check(desktop, answer())).rejects.toMatchObject({ code: 'agent_refused' })
    expect(await guard.check({ ...desktop, agent: { asksFirst: true } }, answer())).toBe(0)
    expect(await guard.check(person, answer())).toBe(0)
  }
  for (const answer of [allow([]), approve({ behavior: 'approve' })]) {
    expect(await guard.check(desktop, answer)).toBe(0)
  }
})

test('[MC-7] an agent does not answer for the session it runs in, whether its program says so or the log', async () => {
  const { session, told, calls, say, make } = guardWorld()
  const guard = make({ bounds: { lookMs: 5_000 } })
  const own = await session('abc')
  const twin = await session('twin')
  await say(twin, 'session.joined', { into: own })
  const other = await session('other')
  const refused = { code: 'own_session' }
  for (const target of [own, twin]) {
    const answer = guard.check(desktop, answerTo(target, { fromSession: 'abc' }))
    await expect(answer).rejects.toMatchObject(refused)
  }
  expect(await guard.check(desktop, answerTo(other, { fromSession: 'abc' }))).toBe(0)
  await told(own, 'Do it')
  const late = expect(guard.check(desktop, answerTo(own))).rejects.toMatchObject(refused)
  await calls(own, 'read_session', { sessionId: own })
  const input = { sessionId: own, permissionId: 'per_1', decision: 'allow' }
  await calls(own, 'mcp__bellhop__answer_permission', input, { subagent: { agentId: 'a1' } })
  await late
  const quick = make({ bounds: { lookMs: 1 } })
  await expect(quick.check(desktop, answerTo(twin))).rejects.toMatchObject(refused)
  const another = answerTo(own, { permissionId: 'per_2' })
  expect(await quick.check(desktop, another)).toBe(0)
  expect(await quick.check(desktop, answerTo(other))).toBe(0)
})
