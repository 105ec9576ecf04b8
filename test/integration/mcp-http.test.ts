import type { SessionId } from '@bellhop/core'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../../apps/relay/src/logger.ts'
import { remove } from '../support/door-by-hand.ts'
import {
  addMcpAgent,
  agentToken,
  connectHttpAgent,
  deskOf,
  startMcpAgent,
  WAYS,
  type Way,
} from '../support/mcp-agent.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const overHttp = WAYS.filter(({ via }) => via === 'http')
const [withSessions] = overHttp as [Way]

for (const way of overHttp) {
  describe(`over http, ${way.protocol}`, () => {
    test('[MC-10] an agent lists and reads with the relay’s own checks', async () => {
      await using relay = await startRelay()
      await using agent = await startMcpAgent(relay, { way })
      const id = await relay.source.start('seen')
      await relay.source.say(id, 'message.agent', { messageId: 'a', text: 'hello there' })
      expect(await agent.call('list_sessions')).toMatchObject({
        value: { sessions: [{ sessionId: id }] },
      })
      expect(await agent.call('read_session', { sessionId: id })).toMatchObject({
        value: { rows: [{ text: 'hello there' }] },
      })
      expect(await agent.call('read_session', { sessionId: 'ses_none' })).toMatchObject({
        isError: true,
        value: { code: 'session_not_found', mayRetry: false },
      })
      expect(await agent.call('read_session', { sessionId: '' as SessionId })).toMatchObject({
        isError: true,
        value: { code: 'invalid_request' },
      })
    })

    test('[MC-1] [MC-10] [CM-2] with scope watch nothing changes anything', async () => {
      await using relay = await startRelay()
      await using agent = await startMcpAgent(relay, { way, scopes: ['watch'] })
      const id = await relay.source.start('watched')
      for (const [name, args] of Object.entries({
        send_message: { sessionId: id, text: 'x' },
        send_and_wait: { sessionId: id, text: 'x', timeoutS: 1 },
        interrupt: { sessionId: id },
        start_session: { placeId: 'plc_1', text: 'x' },
        list_places: {},
      })) {
        expect(await agent.call(name, args)).toMatchObject({
          isError: true,
          value: { code: 'scope_missing' },
        })
      }
      expect(relay.source.performed).toEqual([])
    })

    test('[MC-1] [AU-8] a removed agent is cut off at once, its open calls with it', async () => {
      await using relay = await startRelay()
      await using agent = await startMcpAgent(relay, { way })
      const id = await relay.source.start('cut')
      const progress: string[] = []
      const wait = agent.call(
        'wait_for',
        { sessionId: id, timeoutS: 50 },
        { onProgress: (message) => progress.push(message) },
      )
      const send = agent.call('send_and_wait', { sessionId: id, text: 'x', timeoutS: 50 })
      await until(() => relay.source.performed.length === 1)
      await relay.source.say(id, 'message.agent', { messageId: 'a', text: 'still there' })
      await until(() => progress.includes('still there'))
      const startedMs = performance.now()
      await remove(relay)
      for (const one of [wait, send]) {
        expect(await one).toMatchObject({ isError: true, value: { code: 'device_removed' } })
      }
      expect(performance.now() - startedMs).toBeLessThan(1_000)
      await expect(agent.call('list_sessions')).rejects.toThrow()
    })

    test('[MC-10] a relay that stops ends open calls with a word, and at once', async () => {
      const relay = await startRelay()
      await using agent = await startMcpAgent(relay, { way })
      const id = await relay.source.start('stops')
      const wait = agent.call('wait_for', { sessionId: id, timeoutS: 50 })
      const send = agent.call('send_and_wait', { sessionId: id, text: 'x', timeoutS: 50 })
      const { commandId } = (await until(() => relay.source.performed[0])).command
      const startedMs = performance.now()
      const isError = true
      const code = 'relay_not_running'
      await Promise.all([
        relay.stop(),
        expect(wait).resolves.toMatchObject({ isError, value: { code, mayRetry: true } }),
        // It was sent: whoever asks again waits for it, and does not send it twice. [MC-6]
        expect(send).resolves.toMatchObject({
          isError,
          value: { code, mayRetry: false, commandId },
        }),
      ])
      expect(performance.now() - startedMs).toBeLessThan(3_000)
      await relay[Symbol.asyncDispose]()
    })

    test('[MC-10] what an agent does is written down as its own, and no log holds its token', async () => {
      const lines: string[] = []
      await using relay = await startRelay({
        overrides: { logger: createLogger((line) => lines.push(line)) },
      })
      await using agent = await startMcpAgent(relay, { way })
      const id = await relay.source.start('written')
      await agent.call('send_message', { sessionId: id, text: 'do it' })
      const desk = await deskOf(relay.dataDir, relay.origin)
      const { entries } = await desk.call('auditLog', { limit: 10 })
      expect(entries).toMatchObject([
        { commandType: 'prompt', by: { kind: 'device', name: 'desktop' }, outcome: 'done' },
      ])
      const { devices } = await desk.call('devices', null)
      const [device] = devices.filter(({ name }) => name === 'desktop')
      expect(device?.lastSeenAt).not.toBeNull()
      const told = lines.join('\n')
      expect(told).toContain('/mcp')
      expect(told).toContain(device?.deviceId)
      expect(told).not.toContain((await agentToken(relay.dataDir, 'desktop')).slice(4))
    })

    test('[MC-4] a hundred waits of an agent on twenty sessions each get their own answer', async () => {
      await using relay = await startRelay()
      await using agent = await startMcpAgent(relay, { way })
      const { source } = relay
      const names = Array.from({ length: 20 }, (_, at) => `many ${at}`)
      const sessions = await Promise.all(names.map((name) => source.start(name)))
      const cursors = await Promise.all(
        sessions.map(
          async (sessionId) => (await agent.call('read_session', { sessionId })).value.cursor,
        ),
      )
      const waits = Array.from({ length: 100 }, (_, at) =>
        agent.call('wait_for', {
          sessionId: sessions[at % 20],
          after: cursors[at % 20],
          textMatches: `word ${Math.floor(at / 20)} `,
          timeoutS: 15,
        }),
      )
      for (const [at, sessionId] of sessions.entries()) {
        for (let word = 0; word < 5; word += 1) {
          const text = `word ${word} of ${at}`
          await source.say(sessionId, 'message.agent', { messageId: `a${word}`, text })
        }
      }
      for (const [at, { value }] of (await Promise.all(waits)).entries()) {
        expect(value).toMatchObject({ happened: 'text_matched', sessionId: sessions[at % 20] })
        expect(value.reply).toMatch(new RegExp(`word ${Math.floor(at / 20)} of ${at % 20}$`))
      }
    })

    test('[MC-10] [I6] calls that are cancelled hold nothing: more of them than may be open at once', async () => {
      await using relay = await startRelay()
      await using agent = await startMcpAgent(relay, { way })
      const sessionId = await relay.source.start('cancelled')
      for (let round = 0; round < 6; round += 1) {
        const stop = new AbortController()
        const { signal } = stop
        const waits = Array.from({ length: 50 }, () =>
          agent.call('wait_for', { sessionId, timeoutS: 50 }, { signal }),
        )
        expect(await agent.call('list_sessions')).toMatchObject({ isError: false })
        stop.abort()
        for (const one of await Promise.allSettled(waits)) expect(one.status).toBe('rejected')
      }
    })
  })
}

test('[MC-10] two agents at once see and do only what each may', async () => {
  await using relay = await startRelay()
  await using one = await startMcpAgent(relay, { name: 'one', way: withSessions })
  await addMcpAgent(relay, { name: 'two', scopes: ['watch'] })
  await using two = await connectHttpAgent(relay, 'two', '2026-07-28')
  const id = await relay.source.start('both')
  const args = { sessionId: id, text: 'x' }
  expect(await two.call('send_message', args)).toMatchObject({ isError: true })
  expect(await one.call('send_message', args)).toMatchObject({ isError: false })
  await remove(relay, 'one')
  expect(await two.call('list_sessions')).toMatchObject({ isError: false })
})
