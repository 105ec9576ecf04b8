import { startMcpAgent, WAYS } from '../support/mcp-agent.ts'
import type { AgentOrder, AgentPlace } from './bench-agents.ts'
import { startChild } from './child.ts'
import { median, percentile, type Row, row } from './row.ts'

const WARM_UP = 20
const SAMPLES = 200

/** How long each call took, the first ones left out. */
const timed = async (call: () => Promise<unknown>): Promise<number[]> => {
  const tookMs: number[] = []
  for (let at = 0; at < WARM_UP + SAMPLES; at++) {
    const startedMs = performance.now()
    await call()
    tookMs.push(performance.now() - startedMs)
  }
  return tookMs.slice(WARM_UP)
}

/** What agents wait for the relay itself: to read, and beyond the session’s own time to be answered. */
export const benchMcp = async (): Promise<Row[]> => {
  await using relay = await startChild<AgentOrder>('bench-agents.ts', { do: 'stop' })
  const place = await relay.ask<AgentPlace>({ do: 'place' })
  const { long, answering } = place
  const rows: Row[] = []
  for (const way of WAYS.filter(({ protocol }) => protocol === '2025-11-25')) {
    await using agent = await startMcpAgent(place, { way, name: `bench-${way.via}` })
    const over = `over ${way.via}`
    const done = async (tool: string, args: Record<string, unknown>) => {
      const { isError, value } = await agent.call(tool, args)
      if (isError) throw new TypeError(`${tool}: ${value.code}`)
      return value
    }
    const list = await timed(() => done('list_sessions', { limit: 50 }))
    const read = await timed(() => done('read_session', { sessionId: long, limit: 200 }))
    await relay.ask({ do: 'turns' })
    const sent = { sessionId: answering, text: 'go', timeoutS: 20 }
    const whole = await timed(async () => {
      if ((await done('send_and_wait', sent)).outcome !== 'finished') throw new TypeError('no end')
    })
    const turns = await relay.ask<number[]>({ do: 'turns' })
    const added = whole.map((ms, at) => ms - (turns[WARM_UP + at] ?? Number.NaN))
    rows.push(
      row(`list_sessions of 50 ${over}, p95`, percentile(list, 0.95), 'ms'),
      row(`read_session of 200 events ${over}, median`, median(read), 'ms'),
      row(`read_session of 200 events ${over}, p95`, percentile(read, 0.95), 'ms', { atMost: 30 }),
      row(`send_and_wait ${over} beyond the turn itself, median`, median(added), 'ms'),
      row(`send_and_wait ${over} beyond the turn itself, p95`, percentile(added, 0.95), 'ms', {
        atMost: 100,
      }),
    )
  }
  return rows
}
