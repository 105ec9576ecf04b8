import type { EventDraft, SessionId, SourceId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMemoryBackend } from '../backends/memory/memory-backend.ts'
import { systemClock } from '../clock.ts'
import { silentLogger } from '../logger.ts'
import { createIngest } from './ingest.ts'
import { createRunBoard } from './run-board.ts'
import { createSignalHub } from './signal-hub.ts'

const near = 'near' as SourceId
const far = 'far' as SourceId

const setup = () => {
  const { log, sessions } = createMemoryBackend({ clock: systemClock })
  const board = createRunBoard(sessions)
  const common = { log, sessions, hub: createSignalHub(), clock: systemClock }
  const ingest = createIngest({
    ...common,
    logger: silentLogger,
    machine: 'desk',
    onFacts: (ids) => void board.look(ids),
  })
  let count = 0
  const say = (type: string, fields: object) => {
    count += 1
    const about = { sessionId: 'ses_a' as SessionId, at: '2026-03-01T09:00:00Z' }
    return ingest.append(near, [{ ...about, type, dedupeKey: `${count}`, ...fields } as EventDraft])
  }
  return { board, say, sessions }
}
const start = { sourceId: near, machine: 'desk', capabilities: ['prompt_as_peer'] }

test('[CM-9] another source learns under which key a session runs, what it can be asked, and when that ends', async () => {
  const { board, say } = setup()
  let changes = 0
  board.onChange(() => {
    changes += 1
  })
  await say('session.started', start)
  expect(board.others(far)).toEqual([])
  await say('session.changed', { runKey: 'remote:x' })
  const run = { runKey: 'remote:x', sessionId: 'ses_a', sourceId: near }
  await expect.poll(() => board.others(far)).toEqual([{ ...run, capabilities: ['prompt_as_peer'] }])
  expect(board.others(near)).toEqual([])
  await say('session.changed', { capabilities: ['decide_permission'] })
  await expect.poll(() => board.others(far)[0]?.capabilities).toEqual(['decide_permission'])
  await say('session.ended', { reason: 'exited' })
  await expect.poll(() => board.others(far)).toEqual([])
  expect(changes).toBe(3)
})

test('[CM-9] what another road adds is not taken for the session’s own, and a restart finds its runs again', async () => {
  const { board, say, sessions } = setup()
  await say('session.started', { ...start, runKey: 'remote:x' })
  await say('session.road', { roadSourceId: far, capabilities: ['archive'] })
  const again = createRunBoard(sessions)
  await again.load()
  expect(again.others(far)[0]?.capabilities).toEqual(['prompt_as_peer'])
  expect(board.others(far)).toHaveLength(1)
})
