import { expect, test } from 'vitest'
import { startRelay } from '../support/start-relay.ts'

test('[I6] [ST-8] a history of large events comes in several pages, with none left out', async () => {
  await using running = await startRelay()
  const phone = await running.phone()
  const sessionId = await running.source.start('large')
  for (let at = 0; at < 40; at++) {
    const text = `${at} `.padEnd(190_000, 'x')
    await running.source.say(sessionId, 'message.agent', { messageId: `m${at}`, text })
  }
  const ids: unknown[] = []
  let pages = 0
  let before: string | undefined
  for (let more = true; more; pages++) {
    const page = await phone.client.call('history', {
      sessionId,
      limit: 500,
      ...(before !== undefined && { before }),
    })
    const events = page.events as { type: string; cursor: string; messageId?: string }[]
    expect(JSON.stringify(events).length).toBeLessThan(4_300_000)
    ids.unshift(...events.map(({ messageId }) => messageId).filter((id) => id !== undefined))
    before = events[0]?.cursor
    more = page.hasMore
  }
  expect(pages).toBeGreaterThan(1)
  expect(ids).toEqual(Array.from({ length: 40 }, (_, at) => `m${at}`))
  await phone[Symbol.asyncDispose]()
})
