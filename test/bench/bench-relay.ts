import { setTimeout as sleep } from 'node:timers/promises'
import type { EventDraft, SessionId } from '@bellhop/core'
import { keepHeapSmall } from '../../apps/relay/src/small-heap.ts'
import { createScriptedSource } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'

/** What the benchmark asks of the relay's process. */
export type Order =
  | { do: 'pair' }
  | { do: 'steady'; count: number; everyMs: number }
  | { do: 'burst'; count: number }
  | { do: 'rss' }
  | { do: 'stop' }

/** About what a tool's output weighs: 1.1 KB as JSON. */
const FILL = 'lorem ipsum dolor sit amet '.repeat(33)

/** Events a source hands in before it waits for them to be durable, as one that reads a file does. */
const BATCH = 100

// As `bellhop up` does.
keepHeapSmall()
const running = await startRelay({ source: createScriptedSource() })
const { source } = running
const session: SessionId = await source.start('bench')
let count = 0

/** An event whose text begins with the moment it was handed in, by the clock all processes share. */
const draft = (): EventDraft => ({
  type: 'message.agent',
  sessionId: session,
  at: new Date().toISOString(),
  dedupeKey: `bench ${count}`,
  messageId: `bench ${count++}`,
  text: `${process.hrtime.bigint()} ${FILL}`,
})

const run = async (order: Order): Promise<unknown> => {
  switch (order.do) {
    case 'pair':
      return { origin: running.origin, pairUrl: await running.pairUrl() }
    case 'steady': {
      const startedMs = performance.now()
      const appends: Promise<void>[] = []
      for (let at = 0; at < order.count; at++) {
        await sleep(Math.max(0, startedMs + at * order.everyMs - performance.now()))
        appends.push(source.sayAll([draft()]))
      }
      await Promise.all(appends)
      return undefined
    }
    case 'burst': {
      const beforeBytes = process.memoryUsage.rss()
      let peakBytes = beforeBytes
      const sampler = setInterval(() => {
        peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
      }, 5)
      const startedNs = process.hrtime.bigint()
      for (let sent = 0; sent < order.count; sent += BATCH) {
        await source.sayAll(Array.from({ length: Math.min(BATCH, order.count - sent) }, draft))
      }
      const storedNs = process.hrtime.bigint()
      await sleep(300)
      clearInterval(sampler)
      return {
        startedNs: `${startedNs}`,
        storedMs: Number(storedNs - startedNs) / 1e6,
        beforeBytes,
        peakBytes,
        afterBytes: process.memoryUsage.rss(),
      }
    }
    case 'rss':
      return process.memoryUsage.rss()
    case 'stop':
      await running[Symbol.asyncDispose]()
      process.disconnect()
      return undefined
  }
}

process.on('message', async ({ id, order }: { id: number; order: Order }) => {
  const answer = await run(order)
  if (process.connected) process.send?.({ id, answer })
})
process.send?.({ id: 0 })
