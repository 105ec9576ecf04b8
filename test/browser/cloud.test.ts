import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { startCloudRelay } from '../support/cloud-relay.ts'
import { until } from '../support/until.ts'

const words = (text: string) => ({
  type: 'assistant',
  uuid: randomUUID(),
  message: {
    id: `msg_${randomUUID()}`,
    role: 'assistant',
    model: 'claude-opus-5-5',
    content: [{ type: 'text', text }],
  },
  parent_tool_use_id: null,
})

test('[I4] two hundred cloud sessions are painted from the log while upstream does not answer at all', async () => {
  await using rig = await startCloudRelay()
  const many = 200
  const row = { created_at: new Date(Date.now() - 3_600_000).toISOString() }
  for (let at = 1; at <= many; at += 1) rig.addSession({ title: `Errand ${at} of ${many}`, row })
  const phone = await rig.running.phone()
  await until(() => phone.sessions.size >= many, { timeoutMs: 20_000, what: 'all of the list' })
  await phone.sleep()

  // Whatever is asked from now on hangs until long after this test.
  rig.api.faults.add({ kind: 'slow', ms: 600_000 })
  const asked = rig.api.requests.length
  await rig.restart()
  await using app = await openAppOnPhone({ running: rig.running })
  await app.sees(/Errand \d+ of 200/)
  const list = app.page.getByText(/Errand \d+ of 200/)
  const seen = new Set<string>()
  await until(
    async () => {
      for (const title of await list.allInnerTexts()) seen.add(title)
      await app.page.mouse.wheel(0, 1_500)
      return seen.size === many
    },
    { timeoutMs: 20_000, everyMs: 50, what: 'every session while somebody scrolls' },
  )
  const since = rig.api.requests.slice(asked)
  expect(since.length).toBeGreaterThan(0)
  expect(since.every(({ status }) => status === undefined)).toBe(true)
  expect(app.complaints).toEqual([])
})

test('[A-30] a cloud session of 200,000 events opens in the app with three calls upstream and 250 KB', async () => {
  await using rig = await startCloudRelay()
  const { session } = rig.addSession({ title: 'A very long one' })
  const many = 200_000
  for (let at = 1; at <= many; at += 1)
    session.emit(words(`Part ${at}. ${'A sentence of what was done there. '.repeat(6)}`))
  await using app = await openAppOnPhone({ running: rig.running })
  await app.sees('A very long one')
  // What the app itself weighs has come before.
  await app.page.evaluate(() => navigator.serviceWorker.ready)
  const network = await app.page.context().newCDPSession(app.page)
  await network.send('Network.enable')
  let bytes = 0
  network.on('Network.dataReceived', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  const about = new RegExp(session.id.slice('cse_'.length))
  const asked = rig.api.requestsTo(about).length
  await app.page.getByText('A very long one').first().click()
  await app.sees(new RegExp(`Part ${many}\\.`))
  await app.sees(new RegExp(`Part ${many - 2}\\.`))
  expect(rig.api.requestsTo(about).length - asked).toBeLessThanOrEqual(3)
  expect(bytes).toBeGreaterThan(1_000)
  expect(bytes).toBeLessThanOrEqual(250_000)
})
