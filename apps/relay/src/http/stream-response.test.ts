import type { DeviceId, StreamFrame } from '@bellhop/core'
import { decodeFrame } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMemoryDevices } from '../backends/memory/memory-devices.ts'
import { systemClock } from '../clock.ts'
import { createDevices } from '../devices/devices.ts'
import { silentLogger } from '../logger.ts'
import { createOpenStreams } from './open-streams.ts'
import { streamResponse } from './stream-response.ts'

const tick = (): StreamFrame => ({ frame: 'tick', now: '2026-11-20T10:00:00Z' })

/** Frames as a test pushes them, and how many were taken. */
const pushable = () => {
  const waiting: StreamFrame[] = []
  let wake = () => {}
  let ended = false
  const feed = {
    taken: 0,
    aborted: false,
    push: (...frames: StreamFrame[]) => {
      waiting.push(...frames)
      wake()
    },
    end: () => {
      ended = true
      wake()
    },
    open: async function* (signal: AbortSignal) {
      signal.addEventListener('abort', () => {
        feed.aborted = true
        wake()
      })
      while (!signal.aborted) {
        const next = waiting.shift()
        if (next) {
          feed.taken += 1
          yield next
        } else if (ended) return
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    },
  }
  return feed
}

const setup = async (options: { endsInMs?: number } = {}) => {
  const devices = await createDevices({
    registry: createMemoryDevices(),
    clock: systemClock,
    logger: silentLogger,
  })
  const { deviceId } = await devices.enrol({
    publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
    thumbprint: 'thumb',
    name: 'Phone',
    platform: 'test',
    scopes: ['watch'],
    local: false,
  })
  const streams = createOpenStreams(devices)
  const errors: unknown[] = []
  const open = (feed: { open(signal: AbortSignal): AsyncIterable<StreamFrame> }, id = deviceId) =>
    streamResponse({
      open: (signal) => feed.open(signal),
      deviceId: id,
      endsInMs: options.endsInMs ?? 60_000,
      streams,
      onError: (error) => errors.push(error),
    })
  return { devices, deviceId, streams, errors, open }
}

const framesOf = (text: string) =>
  text
    .split('\n\n')
    .filter((part) => part !== '')
    .map((part) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? ''
      return decodeFrame(field('event'), field('data'))
    })

test('[ST-9] when the token runs out the stream says `renew` and ends', async () => {
  const { open } = await setup({ endsInMs: 20 })
  const feed = pushable()
  feed.push(tick())
  const frames = framesOf(await open(feed).text())
  expect(frames).toEqual([tick(), { frame: 'bye', code: 'renew' }])
  expect(feed.aborted).toBe(true)
})

test('[AU-8] when its device is removed a stream ends at once, and those of others go on', async () => {
  const { devices, deviceId, open } = await setup()
  const [mine, other] = [pushable(), pushable()]
  const ending = open(mine).text()
  const going = open(other, 'dev_someoneelse' as DeviceId)
  await devices.revoke(deviceId)
  expect(framesOf(await ending)).toEqual([{ frame: 'bye', code: 'device_removed' }])
  expect(mine.aborted).toBe(true)
  expect(other.aborted).toBe(false)
  await going.body?.cancel()
  expect(other.aborted).toBe(true)
})

test('[ST-9] a closing relay says so on every stream, also on one that opens meanwhile', async () => {
  const { streams, open } = await setup()
  const early = open(pushable()).text()
  streams.endAll('relay_not_running')
  const late = open(pushable()).text()
  for (const text of [await early, await late]) {
    expect(framesOf(text)).toEqual([{ frame: 'bye', code: 'relay_not_running' }])
  }
})

test('[I6] a reader that does not read makes the relay read no further ahead than a bound', async () => {
  const { open } = await setup()
  const feed = pushable()
  feed.push(...Array.from({ length: 20_000 }, tick))
  const reader = open(feed).body?.getReader()
  await reader?.read()
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
  expect(feed.taken).toBeGreaterThan(100)
  expect(feed.taken).toBeLessThan(5_000)
  const before = feed.taken
  await reader?.read()
  await reader?.read()
  await new Promise((resolve) => setImmediate(resolve))
  expect(feed.taken).toBeGreaterThan(before)
  await reader?.cancel()
})

test('[ST-2] nothing that was read is left out when the feed ends or fails by itself', async () => {
  for (const fails of [false, true]) {
    const { errors, open } = await setup()
    const feed = {
      open: async function* () {
        for (let i = 0; i < 3_000; i++) yield tick()
        if (fails) throw new TypeError('a bug')
      },
    }
    const frames = framesOf(await open(feed).text())
    expect(frames).toHaveLength(3_001)
    expect(frames.at(-1)).toEqual({ frame: 'bye', code: fails ? 'internal' : 'renew' })
    expect(errors).toHaveLength(fails ? 1 : 0)
  }
})

test('[I6] one device holds sixteen streams; one more ends its oldest', async () => {
  const { open } = await setup()
  const texts = Array.from({ length: 17 }, () => open(pushable()))
  expect(framesOf(await (texts[0] as Response).text())).toEqual([
    { frame: 'bye', code: 'rate_limited' },
  ])
  for (const response of texts.slice(1)) await response.body?.cancel()
})

test('[ST-6] no proxy is allowed to keep or change a stream', async () => {
  const { open } = await setup()
  const response = open(pushable())
  expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
  expect(response.headers.get('x-accel-buffering')).toBe('no')
  await response.body?.cancel()
})
