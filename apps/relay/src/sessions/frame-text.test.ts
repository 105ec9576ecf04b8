import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFrame, type SessionEvent } from '@bellhop/core'
import { afterAll, expect, test } from 'vitest'
import { openSqliteBackend } from '../backends/sqlite/sqlite-backend.ts'
import { systemClock } from '../clock.ts'
import type { StampedDraft } from './event-log.ts'
import { frameText } from './frame-text.ts'

const folder = mkdtempSync(join(tmpdir(), 'bellhop-frames-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const draft = {
  type: 'message.agent',
  sessionId: 'ses_a',
  eventId: 'evt_1',
  at: '2026-03-01T09:00:00.000Z',
  dedupeKey: 'k',
  messageId: 'm',
  text: 'two\nlines, “quoted”',
} as unknown as StampedDraft

const fieldsOf = (text: string) => {
  const [id, event, data] = text.split('\n').map((line) => line.slice(line.indexOf(':') + 2))
  return { id, event, data: JSON.parse(data ?? '') as unknown }
}

test('[ST-4] [I4] the shared text of a frame says what a fresh one says, however its event was come by', async () => {
  for (const recent of [
    { events: 10, chars: 10_000 },
    { events: 0, chars: 0 },
  ]) {
    await using backend = await openSqliteBackend({
      path: join(folder, `${recent.events}.db`),
      clock: systemClock,
      recent,
    })
    const after = await backend.log.head()
    const appended = await backend.log.append([draft])
    const { events } = await backend.log.read({ after, limit: 10 })
    for (const event of [...appended, ...events]) {
      const text = frameText({ frame: 'event', event })
      expect(fieldsOf(text)).toEqual(fieldsOf(encodeFrame({ frame: 'event', event })))
      expect(frameText({ frame: 'event', event })).toBe(text)
    }
  }
  const plain = { ...draft, cursor: 'loga.1' } as unknown as SessionEvent
  expect(frameText({ frame: 'event', event: plain })).toBe(
    encodeFrame({ frame: 'event', event: plain }),
  )
  const tick = { frame: 'tick', now: '2026-03-01T09:00:00.000Z' } as const
  expect(frameText(tick)).toBe(encodeFrame(tick))
})
