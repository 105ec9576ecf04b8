import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

test('[I6] [ST-9] a relay that stops ends its streams and does not wait for lines that never asked', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const unused = connect(Number(new URL(running.origin).port), '127.0.0.1')
  await once(unused, 'connect')
  const startedMs = performance.now()
  await running.stop()
  // The limit for answers under way is five seconds; nothing is under way here.
  expect(performance.now() - startedMs).toBeLessThan(3_000)
  await until(() => phone.states.at(-1)?.state !== 'live')
  unused.destroy()
})
