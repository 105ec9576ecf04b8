import { apiErrors } from './error-answers.ts'
import type { Exchange } from './exchange.ts'
import { openSse } from './sse-writer.ts'
import { faultyFrames } from './stream-faults.ts'
import type { ApiSession, Fields, Notice } from './types.ts'
import type { World } from './world.ts'

const asFields = (row: unknown): Fields | undefined =>
  typeof row === 'object' && row !== null && !Array.isArray(row) ? (row as Fields) : undefined

/** A row as streams show it: without what only the history knows. */
const streamed = (row: unknown): unknown => {
  const fields = asFields(row)
  if (!fields) return row
  const { sent_by_account_id: _by, device_attestation_status: _attested, ...rest } = fields
  return rest
}

/** Where a stream is to go on from: the larger of the two ways to say it. */
const positionOf = (exchange: Exchange): number => {
  const given = [
    exchange.url.searchParams.get('from_sequence_num'),
    exchange.header('last-event-id'),
  ]
  return Math.max(0, ...given.map((text) => Number(text ?? 0) || 0))
}

/** `GET …/events/stream`, a client's or the worker's: what is stored after the position, then what comes. */
export const serveEventStream = (
  world: World,
  exchange: Exchange,
  session: ApiSession,
  { forWorker = false }: { forWorker?: boolean } = {},
) => {
  if (!world.families.codeStream && !forWorker) {
    exchange.fail(apiErrors.notFound())
    return
  }
  const { time, streams } = world
  const faults = world.faults.takeForStream(exchange)
  const writer = openSse(exchange, time, { silent: faults.some(({ kind }) => kind === 'silent') })
  const write = faultyFrames(writer, faults, time)
  const counter = forWorker ? 'worker' : 'events'
  streams[counter] += 1

  // A worker is told what clients sent, never what it said itself.
  const isForThem = (notice: Notice) =>
    !forWorker ||
    notice.kind === 'end' ||
    notice.kind === 'bytes' ||
    (notice.kind === 'event' && notice.source === 'client')
  const show = (notice: Notice) => {
    if (!isForThem(notice)) return
    switch (notice.kind) {
      case 'event':
        return write({
          event: 'client_event',
          id: String(notice.sequence),
          data: JSON.stringify(streamed(notice.row)),
          durable: true,
        })
      case 'ephemeral':
        return write({ event: 'ephemeral_event', data: JSON.stringify(notice.data) })
      case 'delivery':
        return write({ event: 'delivery_update', data: JSON.stringify(notice.data) })
      case 'session':
        return write({ event: 'session_update', data: JSON.stringify(notice.data) })
      case 'bytes':
        return writer.bytes(notice.text)
      case 'end':
        return writer.end(true)
      case 'archived':
        return undefined
    }
  }

  show({ kind: 'session', data: { connection_status: session.row.connection_status } })
  const missed = session.log.slice(positionOf(exchange))
  const gap = faults.find((fault) => fault.kind === 'gap')?.events ?? 0
  const leftOut = Math.max(missed.length - world.replayLimit, Math.min(gap, missed.length))
  if (leftOut > 0 || gap > 0) write({ event: 'catch_up_truncated', data: '{}' })
  for (const { sequence, row, event } of missed.slice(Math.max(0, leftOut)))
    show({ kind: 'event', sequence, row, source: event?.source ?? 'worker' })
  const listening = session.onNotice(show)
  writer.onClose(() => {
    streams[counter] -= 1
    listening[Symbol.dispose]()
  })
}
