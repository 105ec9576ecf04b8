import type { CommandOf, SessionId } from '@bellhop/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectHttpAgent, type McpAgent, startMcpAgent, WAYS } from '../support/mcp-agent.ts'
import { createScriptedSource, type ScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

type Prompt = CommandOf<'prompt'>

/** Has the source play what follows once a message has reached it. */
const onMessage = (source: ScriptedSource, play: (message: Prompt) => Promise<void>) => {
  source.onPerform = async ({ command }) => {
    if (command.type === 'prompt') void play(command)
  }
}

const hear = (source: ScriptedSource, { sessionId, commandId, text }: Prompt) =>
  source.say(sessionId, 'message.person', {
    messageId: `p ${commandId}`,
    text,
    from: 'person',
    causedBy: commandId,
  })

const reply = (source: ScriptedSource, sessionId: SessionId, text: string, messageId = text) =>
  source.say(sessionId, 'message.agent', { messageId, text })

const send = { text: 'do it', timeoutS: 15 }

for (const way of WAYS) {
  describe(`over ${way.via}, ${way.protocol}`, () => {
    const undo = new AsyncDisposableStack()
    let relay: TestRelay
    let agent: McpAgent
    beforeAll(async () => {
      relay = undo.use(await startRelay())
      agent = undo.use(await startMcpAgent(relay, { way }))
    })
    afterAll(() => undo.disposeAsync())
    beforeEach(() => {
      relay.source.onPerform = async () => {}
    })

    test('[MC-6] send_and_wait answers with the whole reply of its own turn', async () => {
      const { source } = relay
      const sessionId = await source.start('finishes')
      const progress: string[] = []
      onMessage(source, async (message) => {
        // What was under way before is not the answer.
        await reply(source, sessionId, 'an earlier turn')
        await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
        await hear(source, message)
        await source.say(sessionId, 'turn.started')
        await reply(source, sessionId, 'first')
        await until(() => progress.includes('first'))
        await source.say(sessionId, 'message.agent', {
          messageId: 's',
          text: 'inner',
          subagent: { agentId: 'x' },
        })
        await reply(source, sessionId, 'draft', 'last')
        await reply(source, sessionId, 'second', 'last')
        await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
      })
      const { value } = await agent.call(
        'send_and_wait',
        { sessionId, ...send },
        { onProgress: (message) => progress.push(message) },
      )
      expect(value).toMatchObject({ outcome: 'finished', isSent: true, reply: 'first\n\nsecond' })
    })

    for (const outcome of ['failed', 'interrupted'] as const) {
      test(`[MC-6] send_and_wait tells of a turn that was ${outcome}`, async () => {
        const { source } = relay
        const sessionId = await source.start(outcome)
        onMessage(source, async (message) => {
          await hear(source, message)
          await reply(source, sessionId, 'so far')
          await source.say(sessionId, 'turn.ended', {
            outcome,
            ...(outcome === 'failed' && { error: 'overloaded' }),
          })
        })
        const { value } = await agent.call('send_and_wait', { sessionId, ...send })
        expect(value).toMatchObject({ outcome, reply: 'so far' })
        expect(value.error).toBe(outcome === 'failed' ? 'overloaded' : undefined)
      })
    }

    test('[MC-6] send_and_wait answers with the prompt that blocks it, and wait_for goes on after it', async () => {
      const { source } = relay
      const sessionId = await source.start('blocked')
      onMessage(source, async (message) => {
        await hear(source, message)
        await reply(source, sessionId, 'may I?')
        await source.ask(sessionId, 'per_1', shellAsk('git push'))
      })
      const { value } = await agent.call('send_and_wait', { sessionId, ...send })
      expect(value).toMatchObject({ outcome: 'blocked', isSent: true, reply: 'may I?' })
      const [{ permissionId, shownHash }] = value.prompts
      expect(await agent.call('send_and_wait', { sessionId, ...send })).toMatchObject({
        value: { outcome: 'blocked', isSent: false, prompts: [{ permissionId }] },
      })
      source.onPerform = async () => {
        void (async () => {
          await source.say(sessionId, 'permission.resolved', {
            permissionId,
            outcome: 'allowed',
            by: { kind: 'source' },
          })
          await reply(source, sessionId, 'pushed')
          await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
        })()
      }
      await agent.call('answer_permission', {
        sessionId,
        permissionId,
        shownHash,
        decision: 'allow',
      })
      const end = await agent.call('wait_for', {
        sessionId,
        after: value.cursor,
        turnEnded: true,
        timeoutS: 15,
      })
      expect(end.value).toMatchObject({
        happened: 'turn_ended',
        outcome: 'finished',
        reply: 'pushed',
      })
    })

    test('[MC-6] send_and_wait that runs out of time says where to go on', async () => {
      const { source } = relay
      const sessionId = await source.start('slow')
      onMessage(source, async (message) => {
        await hear(source, message)
        await reply(source, sessionId, 'working')
      })
      const { value } = await agent.call('send_and_wait', { sessionId, text: 'x', timeoutS: 1 })
      expect(value).toMatchObject({ outcome: 'timed_out', isSent: true, reply: 'working' })
      await reply(source, sessionId, 'there')
      await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
      const rest = await agent.call('wait_for', { sessionId, after: value.cursor, timeoutS: 5 })
      expect(rest.value).toMatchObject({ happened: 'turn_ended', reply: 'there' })
    })

    test('[MC-6] send_and_wait tells of a session that ends, and refuses one that has', async () => {
      const { source } = relay
      const sessionId = await source.start('ends')
      onMessage(source, async (message) => {
        await hear(source, message)
        await source.say(sessionId, 'session.ended', { reason: 'died' })
      })
      const { value } = await agent.call('send_and_wait', { sessionId, ...send })
      expect(value).toMatchObject({ outcome: 'ended', error: 'died' })
      const after = await agent.call('send_and_wait', { sessionId, ...send })
      expect(after).toMatchObject({ isError: true, value: { code: 'session_ended' } })
    })

    test('[MC-3] send_and_wait hands on the refusal of the session', async () => {
      const sessionId = await relay.source.start('refuses', { capabilities: ['interrupt'] })
      const { value, isError } = await agent.call('send_and_wait', { sessionId, ...send })
      expect({ isError, code: value.code }).toEqual({ isError: true, code: 'not_supported' })
    })

    test('[MC-6] a wait that is cancelled ends, and takes back nothing that was sent', async () => {
      const sessionId = await relay.source.start('cancelled')
      const stop = new AbortController()
      const waiting = agent.call(
        'send_and_wait',
        { sessionId, text: 'x', timeoutS: 50 },
        { signal: stop.signal },
      )
      const performed = () =>
        relay.source.performed.filter(({ command }) => command.sessionId === sessionId)
      await until(() => performed().length === 1)
      stop.abort()
      await expect(waiting).rejects.toThrow()
      expect(performed()).toMatchObject([{ command: { type: 'prompt' } }])
      expect(await agent.call('list_sessions')).toMatchObject({ isError: false })
    })

    test('[MC-6] [I6] waits that are cancelled are over at the relay, too: more of them than it may hold', async () => {
      const sessionId = await relay.source.start('given up')
      for (let round = 0; round < 6; round += 1) {
        const stop = new AbortController()
        const { signal } = stop
        const waits = Array.from({ length: 100 }, () =>
          agent.call('wait_for', { sessionId, timeoutS: 50 }, { signal }),
        )
        // By its answer the waits before it have been taken.
        expect(await agent.call('list_sessions')).toMatchObject({ isError: false })
        stop.abort()
        for (const one of await Promise.allSettled(waits)) expect(one.status).toBe('rejected')
      }
      const last = await agent.call('wait_for', { sessionId, timeoutS: 1 })
      expect(last).toMatchObject({ isError: false, value: { happened: 'timed_out' } })
    }, 60_000)

    test('[MC-6] wait_for ends with whatever of what was named comes first', async () => {
      const { source } = relay
      const sessionId = await source.start('waited for')
      await reply(source, sessionId, 'start')
      const { cursor: after } = (await agent.call('read_session', { sessionId })).value
      const wait = (args: object) =>
        agent.call('wait_for', { sessionId, after, timeoutS: 10, ...args })
      const waits = Promise.all([
        wait({ textMatches: 'PELICAN' }),
        wait({ promptPending: true }),
        wait({ turnEnded: true }),
        wait({ turnEnded: true, textMatches: 'a pelican' }),
      ])
      await reply(source, sessionId, 'there is a Pelican')
      await source.ask(sessionId, 'per_1', shellAsk('ls'))
      await until(async () => (await agent.call('list_pending')).value.prompts.length === 1)
      const [text, prompt, , either] = await Promise.race([
        waits,
        (async () => {
          await until(
            async () => (await wait({ promptPending: true })).value.happened === 'prompt_pending',
          )
          await source.say(sessionId, 'turn.ended', { outcome: 'interrupted' })
          return waits
        })(),
      ])
      expect(text.value).toMatchObject({ happened: 'text_matched', reply: 'there is a Pelican' })
      expect(prompt.value).toMatchObject({
        happened: 'prompt_pending',
        prompts: [{ permissionId: 'per_1' }],
      })
      expect(either.value.happened).toBe('text_matched')
      expect((await waits)[2].value).toMatchObject({
        happened: 'turn_ended',
        outcome: 'interrupted',
      })
      await source.say(sessionId, 'session.ended', { reason: 'exited' })
      expect((await agent.call('wait_for', { sessionId })).value.happened).toBe('session_ended')
    })
  })
}

test('[MC-4] send_and_wait lives through a restart of the relay, wherever that answers then', async () => {
  const relay = await startRelay()
  const { dataDir, source } = relay
  const sessionId = await source.start('goes on')
  await using agent = await startMcpAgent(relay)
  let heard: Prompt | undefined
  onMessage(source, async (message) => {
    await hear(source, message)
    heard = message
  })
  const waiting = agent.call('send_and_wait', { sessionId, text: 'x', timeoutS: 19 })
  await until(() => heard)
  await reply(source, sessionId, 'before')
  await relay.stop()
  const next = createScriptedSource()
  await using _again = await startRelay({ dataDir, source: next })
  await next.running
  await next.say(sessionId, 'message.agent', {
    dedupeKey: 'later',
    messageId: 'later',
    text: 'after',
  })
  await next.say(sessionId, 'turn.ended', { dedupeKey: 'later end', outcome: 'finished' })
  expect((await waiting).value).toMatchObject({ outcome: 'finished', reply: 'before\n\nafter' })
  await relay[Symbol.asyncDispose]()
})

for (const way of WAYS.filter(({ via }) => via === 'http')) {
  test(`[MC-6] [MC-10] over http, ${way.protocol}, a wait is ended by a restart of the relay with what it goes on with`, async () => {
    const relay = await startRelay()
    const { dataDir, source } = relay
    const sessionId = await source.start('goes on')
    await using agent = await startMcpAgent(relay, { way })
    let heard: Prompt | undefined
    onMessage(source, async (message) => {
      await hear(source, message)
      heard = message
    })
    const waiting = agent.call('send_and_wait', { sessionId, text: 'x', timeoutS: 19 })
    await until(() => heard)
    await reply(source, sessionId, 'before')
    await relay.stop()
    const { value } = await waiting
    expect(value).toMatchObject({ code: 'relay_not_running', mayRetry: false })
    const next = createScriptedSource()
    await using again = await startRelay({ dataDir, source: next })
    await next.running
    await using there = await connectHttpAgent(again, 'desktop', way.protocol)
    const { commandId } = value
    const going = there.call('wait_for', { sessionId, commandId, timeoutS: 19 })
    const later = { dedupeKey: 'later', messageId: 'later', text: 'after' }
    await next.say(sessionId, 'message.agent', later)
    await next.say(sessionId, 'turn.ended', { dedupeKey: 'later end', outcome: 'finished' })
    expect((await going).value).toMatchObject({
      ...{ happened: 'turn_ended', outcome: 'finished', reply: 'before\n\nafter' },
    })
    await relay[Symbol.asyncDispose]()
  })
}
