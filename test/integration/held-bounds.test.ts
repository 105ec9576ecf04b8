import { newCommandId } from '@bellhop/core'
import { expect, test } from 'vitest'
import {
  answerShown,
  beginAsking,
  letAgentIn,
  outcomeOf,
  says,
  shownHeld,
} from '../support/asking-agent.ts'
import { until } from '../support/until.ts'

test('[HC-6] [I6] only so much of an agent, and of a session, waits; a start cannot be asked for', async () => {
  await using world = await beginAsking()
  const { agent, phone, sessionId, source, running } = world
  for (let at = 0; at < 5; at++)
    expect(await says(agent, sessionId, `${at}`)).toMatchObject({ state: 'pending' })
  expect(await says(agent, sessionId, 'too many')).toMatchObject({ code: 'rate_limited' })
  await answerShown(phone, await shownHeld(phone))
  await until(async () => (await says(agent, sessionId, 'again')).state === 'pending')
  await using more = new AsyncDisposableStack()
  for (const name of ['a', 'b', 'c']) {
    const one = more.use(await letAgentIn(running, { name }))
    for (let at = 0; at < 5; at++) await agentStops(one, sessionId)
  }
  const last = more.use(await letAgentIn(running, { name: 'last' }))
  expect(await last.send({ type: 'interrupt', sessionId })).toMatchObject({ code: 'rate_limited' })
  const start = { commandId: newCommandId(), placeId: 'plc_here' as never, text: 'go' }
  await expect(last.client.call('start', start)).rejects.toMatchObject({ code: 'agent_must_ask' })
  expect(source.performed).toHaveLength(1)
})
const agentStops = async (
  one: Awaited<ReturnType<typeof letAgentIn>>,
  sessionId: Parameters<typeof says>[1],
) => expect(await one.send({ type: 'interrupt', sessionId })).toMatchObject({ state: 'pending' })

test('[HC-6] [I6] what waits of one agent makes no list of sessions long: beyond a size it is refused', async () => {
  await using world = await beginAsking()
  const { agent, phone, sessionId } = world
  const long = 'x'.repeat(190_000)
  for (const which of ['a', 'b']) {
    expect(await says(agent, sessionId, which + long)).toMatchObject({ state: 'pending' })
  }
  expect(await says(agent, sessionId, `c${long}`)).toMatchObject({ code: 'rate_limited' })
  expect(await says(agent, sessionId, 'short')).toMatchObject({ state: 'pending' })
  const { sessions } = await phone.client.call('sessions', null)
  expect(JSON.stringify(sessions).length).toBeLessThan(410_000)
})

test('[HC-6] [I6] one agent has a person asked only so often a minute, however soon it gives up or is told no', async () => {
  await using world = await beginAsking()
  const { agent, phone, sessionId } = world
  for (let at = 0; at < 10; at++) {
    const asked = await says(agent, sessionId, `${at}`)
    expect(asked).toMatchObject({ state: 'pending' })
    await answerShown(phone, await shownHeld(phone), { behavior: 'deny' })
    await outcomeOf(agent, asked)
    await until(() => phone.session(sessionId)?.waits.length === 0)
  }
  expect(await says(agent, sessionId, 'once more')).toMatchObject({ code: 'rate_limited' })
})
