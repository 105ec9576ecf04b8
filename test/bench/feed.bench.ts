import type { Cursor, SessionEvent } from '@bellhop/core'
import { openEventStream } from '@bellhop/core/client'
import { until } from '../support/until.ts'
import { createVirtualPhone, type VirtualPhone } from '../support/virtual-phone.ts'
import type { Order } from './bench-relay.ts'
import { startChild } from './child.ts'
import { median, percentile, type Row, row } from './row.ts'

/** A relay in a process of its own, as it is in life. */
const startProcess = async () => {
  const child = await startChild<Order>('bench-relay.ts', { do: 'stop' })
  return {
    ...child,
    phone: async (): Promise<VirtualPhone> =>
      createVirtualPhone(await child.ask<{ origin: string; pairUrl: string }>({ do: 'pair' })),
  }
}

type Reader = {
  /** How long each event took from being handed in to being decoded, in milliseconds. */
  tookMs: number[]
  cursors: Cursor[]
  live: boolean
  lastNs: bigint
  stop(): Promise<void>
}

/** Follows with the client the app uses, and takes the time of every event. */
const follow = (phone: VirtualPhone, after: Cursor): Reader => {
  const control = new AbortController()
  const reader: Reader = {
    tookMs: [],
    cursors: [],
    live: false,
    lastNs: 0n,
    stop: async () => {
      control.abort()
      await stream.ended
    },
  }
  const take = (event: SessionEvent): void => {
    if (event.type !== 'message.agent') return
    reader.lastNs = process.hrtime.bigint()
    const handedInNs = BigInt(event.text.slice(0, event.text.indexOf(' ')))
    reader.tookMs.push(Number(reader.lastNs - handedInNs) / 1e6)
    reader.cursors.push(event.cursor)
  }
  const stream = openEventStream({
    client: phone.client,
    after,
    signal: control.signal,
    onFrame: (frame) => frame.frame === 'event' && take(frame.event),
    onState: ({ state }) => {
      reader.live = state === 'live'
    },
    onReset: () => Promise.reject(new TypeError('a benchmark’s cursor was of no use')),
  })
  return reader
}

const here = async (phone: VirtualPhone): Promise<Cursor> =>
  (await phone.client.call('sessions', null)).cursor
const patient = { timeoutMs: 60_000, everyMs: 2 }

/** Append to decoded frame, over http, with SQLite: steady, in a burst, and after a break. */
export const benchFeed = async (): Promise<Row[]> => {
  await using relay = await startProcess()
  const phones: VirtualPhone[] = []
  // One after the other: a new code makes the one before it worthless.
  while (phones.length < 10) phones.push(await relay.phone())
  const [first] = phones
  if (!first) throw new TypeError('no phone')
  // The first events pay for compiling; they are not what is measured.
  await steady(relay, phones, 200)
  const runs: number[][] = []
  for (let at = 0; at < 3; at++) runs.push(await steady(relay, phones, 500))
  const bursts = []
  for (let at = 0; at < 3; at++) bursts.push(await burst(relay, first, 10_000))
  const replays = []
  for (let at = 0; at < 5; at++) replays.push(await replay(relay, first, 2_000))
  const mid = (share: number) => median(runs.map((tookMs) => percentile(tookMs, share)))
  return [
    row('append to frame, 10 readers, 100 events/s, median', mid(0.5), 'ms'),
    row('append to frame, 10 readers, 100 events/s, p99', mid(0.99), 'ms', { atMost: 4 }),
    row('burst of 10,000 events', median(bursts.map((one) => one.perSecond)), 'events/s', {
      atLeast: 10_000,
    }),
    row('memory a burst adds', median(bursts.map((one) => one.growthMb)), 'MB', { atMost: 30 }),
    row('memory of the relay’s process after three bursts', bursts.at(-1)?.peakMb ?? 0, 'MB'),
    row('replay of 2,000 missed events', median(replays), 'ms', { atMost: 60 }),
  ]
}

type RelayProcess = Awaited<ReturnType<typeof startProcess>>

const steady = async (
  relay: RelayProcess,
  phones: readonly VirtualPhone[],
  count: number,
): Promise<number[]> => {
  const readers = await Promise.all(phones.map(async (one) => follow(one, await here(one))))
  await until(() => readers.every((reader) => reader.live), patient)
  await relay.ask({ do: 'steady', count, everyMs: 10 })
  await until(() => readers.every((reader) => reader.tookMs.length >= count), patient)
  await Promise.all(readers.map((reader) => reader.stop()))
  return readers.flatMap((reader) => reader.tookMs)
}

const burst = async (relay: RelayProcess, phone: VirtualPhone, count: number) => {
  const reader = follow(phone, await here(phone))
  await until(() => reader.live, patient)
  const told = await relay.ask<{ startedNs: string; beforeBytes: number; peakBytes: number }>({
    do: 'burst',
    count,
  })
  await until(() => reader.tookMs.length >= count, patient)
  await reader.stop()
  const tookS = Number(reader.lastNs - BigInt(told.startedNs)) / 1e9
  return {
    perSecond: count / tookS,
    growthMb: (told.peakBytes - told.beforeBytes) / 1024 / 1024,
    peakMb: told.peakBytes / 1024 / 1024,
  }
}

const replay = async (relay: RelayProcess, phone: VirtualPhone, count: number) => {
  const after = await here(phone)
  await relay.ask({ do: 'burst', count })
  const startedMs = performance.now()
  const reader = follow(phone, after)
  await until(() => reader.live, { ...patient, everyMs: 0 })
  const tookMs = performance.now() - startedMs
  await reader.stop()
  const exact = reader.cursors.length === count && new Set(reader.cursors).size === count
  if (!exact) throw new TypeError(`${reader.cursors.length} of ${count} events were replayed`)
  return tookMs
}
