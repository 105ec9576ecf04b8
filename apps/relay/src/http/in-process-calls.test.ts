import { setImmediate as othersFirst } from 'node:timers/promises'
import { type DeviceId, RelayError, type SessionId, type StreamFrame } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { DeviceRecord } from '../devices/device-registry.ts'
import { createLogger } from '../logger.ts'
import { createInProcessCalls } from './in-process-calls.ts'
import { createOpenStreams } from './open-streams.ts'

const deviceId = 'dev_1' as DeviceId
const agent = {
  deviceId,
  name: 'desktop',
  scopes: ['watch'],
  revokedAt: null,
  agent: { asksFirst: false },
} as unknown as DeviceRecord

const makeCalls = (checkAnswers = false) => {
  const known = { device: agent as DeviceRecord | undefined }
  const asked: unknown[] = []
  const lines: string[] = []
  let revoke = (_: DeviceId) => {}
  const streams = createOpenStreams({
    onRevoked: (listener: typeof revoke) => {
      revoke = listener
      return { [Symbol.dispose]: () => {} }
    },
  } as never)
  const note = (answer: unknown) => (call: unknown) => {
    asked.push(call)
    return answer
  }
  const callsFor = createInProcessCalls({
    handlers: {
      sessions: note({ sessions: [], cursor: 'log.1' }),
      history: note({ wrong: true }),
      places: note({ places: [] }),
      pushState: note({}),
      relay: () => {
        throw new TypeError('a secret of ours')
      },
    } as never,
    feed: {
      open: async function* (_request, signal): AsyncGenerator<StreamFrame> {
        yield { frame: 'caught_up', cursor: 'log.1' as never }
        if (signal.aborted) return
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    },
    streams,
    devices: { get: () => known.device },
    checkAnswers,
    logger: createLogger((line) => lines.push(line)),
  })
  return { calls: callsFor(deviceId), known, asked, lines, streams, revoke: () => revoke(deviceId) }
}

const history = { sessionId: 'ses_1' as SessionId, limit: 10 }

test('[MC-10] [I10] a call runs for the device as it stands now, with only its scopes', async () => {
  const { calls, known, asked } = makeCalls()
  await calls.call('sessions', null)
  expect(asked).toMatchObject([{ principal: { deviceId, name: 'desktop', scopes: ['watch'] } }])
  await expect(calls.call('places', null)).rejects.toMatchObject({ code: 'scope_missing' })
  known.device = { ...agent, revokedAt: '2026-01-01T00:00:00.000Z' }
  await expect(calls.call('sessions', null)).rejects.toMatchObject({ code: 'device_removed' })
  known.device = undefined
  await expect(calls.call('sessions', null)).rejects.toMatchObject({ code: 'not_paired' })
  expect(asked).toHaveLength(1)
})

test('[MC-1] [MC-10] what only a person may call, or a key has to sign, is refused', async () => {
  const { calls, asked } = makeCalls()
  await expect(calls.call('pushState', null)).rejects.toMatchObject({ code: 'agent_refused' })
  await expect(calls.call('token', null)).rejects.toMatchObject({ code: 'proof_invalid' })
  await expect(calls.call('health', null)).rejects.toMatchObject({ code: 'proof_invalid' })
  expect(asked).toEqual([])
})

test('[MC-10] [HT-4] a request is checked as one from outside is, an answer where that is', async () => {
  const { calls, asked } = makeCalls()
  const wrong = calls.call('history', { ...history, limit: 0 })
  await expect(wrong).rejects.toMatchObject({ code: 'invalid_request' })
  expect(asked).toEqual([])
  await calls.call('history', history)
  const strict = makeCalls(true)
  await expect(strict.calls.call('history', history)).rejects.toMatchObject({ code: 'internal' })
})

test('[I6] [MC-10] however much an agent reads at once, others are heard in between, and what is called off is not read', async () => {
  const { calls, asked } = makeCalls()
  const control = new AbortController()
  const all = Array.from({ length: 20 }, () => calls.call('history', history))
  const off = calls.call('sessions', null, control.signal)
  control.abort()
  await othersFirst()
  await othersFirst()
  expect(asked.length).toBeLessThan(5)
  await Promise.all(all)
  await expect(off).rejects.toMatchObject({ name: 'AbortError' })
  expect(asked).toHaveLength(20)
})

test('[ER-2] [MC-10] a mistake of ours is told as one, and only the log knows more', async () => {
  const { calls, lines } = makeCalls()
  const refused = await calls.call('relay', null).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(RelayError)
  expect(refused).toMatchObject({ code: 'internal' })
  expect(String(refused)).not.toContain('secret')
  expect(lines.join()).toContain('a secret of ours')
})

test('[MC-10] [AU-8] a stream ends with why: its device was removed, or the relay closes', async () => {
  for (const [code, end] of [
    ['device_removed', ({ revoke }: ReturnType<typeof makeCalls>) => revoke()],
    [
      'relay_not_running',
      ({ streams }: ReturnType<typeof makeCalls>) => streams.endAll('relay_not_running'),
    ],
  ] as const) {
    const made = makeCalls()
    const frames: StreamFrame[] = []
    for await (const frame of made.calls.open({}, new AbortController().signal)) {
      frames.push(frame)
      if (frame.frame === 'caught_up') end(made)
    }
    expect(frames.at(-1)).toEqual({ frame: 'bye', code })
  }
  const { calls, known } = makeCalls()
  known.device = { ...agent, scopes: [] }
  const refused = calls.open({}, new AbortController().signal)[Symbol.asyncIterator]().next()
  await expect(refused).rejects.toMatchObject({ code: 'scope_missing' })
})
