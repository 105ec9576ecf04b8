import { agentWords, BOUNDS, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import {
  AT,
  agent,
  answerTo,
  desktop,
  guardWorld,
  idOf,
  person,
  startOf,
  to,
} from '../../../../test/support/guard-world.ts'
import { actorOf, type Principal } from '../principal.ts'

test('[MC-7] one agent sends so many messages a minute, starts included, and is told the bound; another and a person are not held up', async () => {
  const { guard, session, pass } = guardWorld({ bounds: { perAgent: 3, perSession: 99 } })
  const a = await session('a')
  expect(await guard.check(desktop, to(a, 'one'))).toBe(1)
  expect(await guard.check(desktop, startOf('two'))).toBe(1)
  pass(30_000)
  expect(await guard.check(desktop, to(a, 'three'))).toBe(1)
  for (const asked of [to(a, 'four'), startOf('four')]) {
    await expect(guard.check(desktop, asked)).rejects.toMatchObject({
      code: 'rate_limited',
      message: 'An agent sends at most 3 messages a minute. Wait, then try again.',
    })
  }
  expect(await guard.check(desktop, { ...to(a, 'x'), type: 'interrupt' } as never)).toBe(0)
  expect(await guard.check(agent('other'), to(a, 'four'))).toBe(1)
  for (let at = 0; at < 9; at += 1) expect(await guard.check(person, to(a, 'go'))).toBe(0)
  pass(30_000)
  expect(await guard.check(desktop, to(a, 'four'))).toBe(1)
  expect(await guard.check(desktop, to(a, 'five'))).toBe(1)
  await expect(guard.check(desktop, to(a, 'six'))).rejects.toMatchObject({ code: 'rate_limited' })
})

test('[MC-7] all agents together send so many messages a minute to one session, by whichever of its rows', async () => {
  const { guard, session, say, pass } = guardWorld({ bounds: { perAgent: 99, perSession: 2 } })
  const a = await session('a')
  const b = await session('b')
  const twin = await session('twin')
  await say(twin, 'session.joined', { into: a })
  await guard.check(desktop, to(a, 'one'))
  await guard.check(agent('other'), to(twin, 'two'))
  const third = guard.check(agent('third'), to(a, 'three'))
  await expect(third).rejects.toMatchObject({
    code: 'rate_limited',
    message: expect.stringContaining('at most 2 messages a minute to one session'),
  })
  expect(await guard.check(agent('third'), to(b, 'three'))).toBe(1)
  pass(60_000)
  expect(await guard.check(agent('third'), to(a, 'three'))).toBe(1)
})

test('[MC-7] [CM-1] the same message sent again is counted once, also at the same time', async () => {
  const { guard, session } = guardWorld({ bounds: { perAgent: 2, perSession: 2 } })
  const message = to(await session('a'), 'one')
  const again = () => guard.check(desktop, message)
  expect(await Promise.all([again(), again(), again()])).toEqual([1, 1, 1])
  expect(await again()).toBe(1)
  expect(await guard.check(desktop, { ...message, commandId: idOf() })).toBe(1)
  await expect(guard.check(desktop, { ...message, commandId: idOf() })).rejects.toThrow()
})

test('[MC-7] [CM-1] an id stands for one thing: another message or start under it is refused, and one another device asked under', async () => {
  const { guard, session, audit } = guardWorld()
  const a = await session('a')
  const message = to(a, 'one')
  const { commandId } = message
  expect(await guard.check(desktop, message)).toBe(1)
  const others = [
    { ...startOf('one'), commandId },
    { ...message, text: 'two' },
    { ...message, type: 'interrupt' } as never,
  ]
  for (const other of others) {
    await expect(guard.check(desktop, other)).rejects.toMatchObject({ code: 'command_reused' })
  }
  expect(await guard.check(desktop, message)).toBe(1)
  const theirs = startOf('go')
  const act = { commandType: 'prompt', sessionId: a, about: '', at: AT }
  await audit.note({ ...act, commandId: theirs.commandId, by: actorOf(person) })
  await expect(guard.check(desktop, theirs)).rejects.toMatchObject({ code: 'command_reused' })
})

test('[MC-7] an agent whose program names its session cannot message that session, by whichever of its rows', async () => {
  const { guard, session, say } = guardWorld()
  const own = await session('abc')
  const twin = await session('twin')
  await say(twin, 'session.joined', { into: own })
  const keyed = await session('cloud', { runKey: 'abc' })
  const other = await session('other')
  for (const target of [own, twin, keyed]) {
    const sent = guard.check(desktop, to(target, 'hello me', { fromSession: 'abc' }))
    await expect(sent).rejects.toMatchObject({ code: 'own_session' })
  }
  expect(await guard.check(desktop, to(other, 'hello you', { fromSession: 'abc' }))).toBe(1)
})

test('[MC-7] where nothing is named, a running call that says the very same tells that an agent messages its own session', async () => {
  const { guard, session, told, calls, say } = guardWorld()
  const own = await session('own')
  const other = await session('other')
  await told(own, 'Ask around')
  const input = { sessionId: own, text: 'hello me' }
  await calls(own, 'send_message', input, { toolCallId: 'call' })
  const sent = guard.check(desktop, to(own, 'hello me'))
  await expect(sent).rejects.toMatchObject({ code: 'own_session' })
  expect(await guard.check(desktop, to(own, 'hello you'))).toBe(1)
  await calls(own, 'send_message', { sessionId: other, text: 'to whom?' })
  expect(await guard.check(desktop, to(own, 'to whom?'))).toBe(1)
  const twin = await session('twin')
  await say(twin, 'session.joined', { into: own })
  await calls(own, 'send_message', { sessionId: twin, text: 'hello twin' })
  const toTwin = guard.check(desktop, to(own, 'hello twin'))
  await expect(toTwin).rejects.toMatchObject({ code: 'own_session' })
  await calls(own, 'plugin_x__send_and_wait', { sessionId: other, text: 'hello you' })
  expect(await guard.check(desktop, to(other, 'hello you'))).toBe(1)
  await say(own, 'tool.ended', { toolCallId: 'call', outcome: 'ok', result: {} })
  expect(await guard.check(desktop, to(own, 'hello me'))).toBe(1)
})

test('[MC-7] the call counts also when the log learns of it a moment after the message, and from a subagent', async () => {
  const { session, told, calls, make } = guardWorld()
  const guard = make({ bounds: { lookMs: 5_000 } })
  const own = await session('own')
  await told(own, 'Ask around')
  const sent = guard.check(desktop, to(own, 'hello me'))
  const verdict = expect(sent).rejects.toMatchObject({ code: 'own_session' })
  await calls(own, 'read_session', { sessionId: own })
  const subagent = { agentId: 'a1' }
  await calls(own, 'send_message', { sessionId: own, text: 'hello me' }, { subagent })
  await verdict
})

test('[MC-7] an agent that runs in no session waits to be looked for once a minute at most', async () => {
  const { session, told, calls, make, pass } = guardWorld()
  const guard = make({ bounds: { lookMs: 150 } })
  const busy = await session('busy')
  await told(busy, 'Work')
  const took = async () => {
    const startedMs = performance.now()
    expect(await guard.check(desktop, to(busy, 'from elsewhere'))).toBe(1)
    return performance.now() - startedMs
  }
  expect(await took()).toBeGreaterThan(140)
  expect(await took()).toBeLessThan(100)
  const own = to(busy, 'from here')
  await calls(busy, 'send_message', { sessionId: busy, text: own.text })
  await expect(guard.check(desktop, own)).rejects.toMatchObject({ code: 'own_session' })
  expect(await took()).toBeGreaterThan(140)
  expect(await took()).toBeLessThan(100)
  pass(60_000)
  expect(await took()).toBeGreaterThan(140)
})

test('[MC-7] an agent that answers for another session from its own is no agent from elsewhere, and is waited for at its own', async () => {
  const { session, told, calls, make } = guardWorld()
  const guard = make({ bounds: { lookMs: 120 } })
  const own = await session('own')
  const other = await session('other')
  await told(own, 'Look after both')
  const answering = (of: SessionId) =>
    calls(own, 'answer_permission', { sessionId: of, permissionId: 'per_1' })
  const first = guard.check(desktop, answerTo(other))
  await answering(other)
  expect(await first).toBe(0)
  const late = expect(guard.check(desktop, answerTo(own))).rejects.toMatchObject({
    code: 'own_session',
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  await answering(own)
  await late
})

test('[MC-7] agents pass a message on three times in a row; a person’s word begins anew', async () => {
  const { guard, make, session, told, calls, carry } = guardWorld()
  const [a, b, c, d] = [
    await session('a'),
    await session('b'),
    await session('c'),
    await session('d'),
  ]
  await told(a, 'Ask b')
  const hop = async (from: SessionId, target: SessionId, by: Principal, keeper = guard) => {
    const message = to(target, `on from ${from}`)
    await calls(from, 'send_message', { sessionId: target, text: message.text })
    const depth = await keeper.check(by, message)
    await carry(by, message, depth)
    return depth
  }
  expect(await hop(a, b, agent('a'))).toBe(1)
  expect(await hop(b, c, agent('b'))).toBe(2)
  expect(await hop(c, d, agent('c'))).toBe(3)
  await expect(hop(d, a, agent('d'))).rejects.toMatchObject({
    code: 'agent_too_deep',
    message: expect.stringContaining('3 agents in a row'),
  })
  // It is read from what is kept, so a relay that was started anew knows it too.
  await expect(hop(d, a, agent('d'), make())).rejects.toMatchObject({ code: 'agent_too_deep' })
  const start = startOf('go on')
  await calls(d, 'start_session', { placeId: start.placeId, text: 'go on' })
  await expect(guard.check(agent('d'), start)).rejects.toMatchObject({ code: 'agent_too_deep' })
  await told(d, 'One more, please')
  expect(await hop(d, a, agent('d'))).toBe(1)
})

test('[MC-7] words that lost their command still count as an agent’s, and what sessions say to each other changes nothing', async () => {
  const { guard, session, told, calls, carry, say } = guardWorld()
  const [a, b] = [await session('a'), await session('b')]
  const message = to(a, 'on')
  await carry(desktop, message, 3)
  await told(a, agentWords('desktop', 'on'))
  const words = { messageId: 'peer', text: 'psst', from: 'peer' }
  await say(a, 'message.person', words)
  await say(a, 'message.person', {
    ...words,
    messageId: 'sub',
    from: 'person',
    subagent: { agentId: 'x' },
  })
  await calls(a, 'send_message', { sessionId: b, text: 'over' })
  const sent = guard.check(desktop, to(b, 'over'))
  await expect(sent).rejects.toMatchObject({ code: 'agent_too_deep' })
})

test('[MC-7] of several messages on their way to a session, the one it was told last counts', async () => {
  const { guard, session, carry, audit } = guardWorld()
  const [a, b] = [await session('a'), await session('b')]
  const [shallow, deep] = [to(a, 'first'), to(a, 'second')]
  const { commandId, sessionId } = deep
  await carry(desktop, shallow, 1)
  const act = { commandId, commandType: 'prompt', sessionId, about: '', at: AT }
  await audit.note({ ...act, by: actorOf(desktop, 3) })
  expect(await guard.check(desktop, to(b, 'over', { fromSession: 'a' }))).toBe(2)
})

test('[MC-7] where a run is two rows, the newest of both is what it works on', async () => {
  const { guard, session, told, carry, say } = guardWorld()
  const here = await session('here')
  const cloud = await session('cloud')
  const b = await session('b')
  await say(cloud, 'session.joined', { into: here })
  const check = () => guard.check(desktop, to(b, 'over', { fromSession: 'here' }))
  await told(here, 'Begin')
  await carry(desktop, to(cloud, 'on'), 3)
  await expect(check()).rejects.toMatchObject({ code: 'agent_too_deep' })
  await told(here, 'Stop that')
  expect(await check()).toBe(1)
})

test('[MC-7] what holds no words or too many is no message', async () => {
  const { guard, session } = guardWorld()
  const a = await session('a')
  await expect(guard.check(desktop, to(a, '\u0007\u001b \n'))).rejects.toMatchObject({
    code: 'invalid_request',
  })
  await expect(guard.check(desktop, to(a, 'x'.repeat(BOUNDS.message)))).rejects.toMatchObject({
    code: 'body_too_large',
  })
})
