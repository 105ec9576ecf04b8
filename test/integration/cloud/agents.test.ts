import { expect, test } from 'vitest'
import { startCloudRelay } from '../../support/cloud-relay.ts'
import { type McpAgent, startMcpAgent } from '../../support/mcp-agent.ts'
import { until } from '../../support/until.ts'

const way = { via: 'http', protocol: '2026-07-28' } as const

test('[MC-6] [CM-8] [A-46] agents that write to a session behind the session API get the answer of their own turn, also when it works already', async () => {
  await using rig = await startCloudRelay()
  const { worker, id: sessionId } = rig.seat()
  const place = { dataDir: rig.dataDir, origin: rig.running.origin }
  await using one = await startMcpAgent(place, { name: 'one', way })
  await using two = await startMcpAgent(place, { name: 'two', way })
  await until(async () => (await one.call('list_sessions')).value.sessions.length === 1)
  const ask = async (agent: McpAgent, text: string, timeoutS = 15) =>
    (await agent.call('send_and_wait', { sessionId, text, timeoutS })).value

  worker.push({ text: 'Hello, one.' })
  expect(await ask(one, 'hello')).toMatchObject({ outcome: 'finished', reply: 'Hello, one.' })

  // What waits while it works is taken up together, and answered together.
  worker.push({ text: 'Said at the desk.', delayMs: 2_000 }, { text: 'Both it is.' })
  worker.submit('a long errand')
  await until(() => worker.isRunning)
  const both = { outcome: 'finished', reply: 'Both it is.' }
  expect(await Promise.all([ask(one, 'first'), ask(two, 'second')])).toMatchObject([both, both])

  // A wait that ends before its turn goes on by the id of its message, past the turn before it.
  worker.push({ text: 'At the desk again.', delayMs: 2_500 }, { text: 'For one.' })
  worker.submit('another errand')
  await until(() => worker.isRunning)
  const early = await ask(one, 'third', 1)
  expect(early).toMatchObject({ outcome: 'timed_out', isSent: true, reply: '' })
  const { commandId, cursor: after } = early
  const wait = { sessionId, commandId, after, timeoutS: 15 }
  expect((await one.call('wait_for', wait)).value).toMatchObject({
    ...{ happened: 'turn_ended', outcome: 'finished', reply: 'For one.' },
  })
})
