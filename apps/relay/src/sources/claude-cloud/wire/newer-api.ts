import type { Timing } from '../../../clock.ts'
import type { CloudApi, SendResult, SkipCounter, Suffix } from '../cloud-api.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { WAITS } from '../cloud-timing.ts'
import { asFields } from './answer.ts'
import type { CloudHttp, CloudRequest } from './cloud-http.ts'
import { createSession } from './create-session.ts'
import { listEnvironments } from './environments.ts'
import { readStreamFrame, readWatchFrame } from './event-stream.ts'
import { openFrames } from './frames.ts'
import { payloadUuid } from './payload-uuid.ts'
import { readEvent } from './read-event.ts'
import { listOf, sequenceOf, textOf } from './read-fields.ts'
import { readRow } from './read-row.ts'
import { readRows } from './read-rows.ts'
import { retryOnce } from './retry-once.ts'
import { newerId } from './session-id.ts'

export type ApiParts = {
  http: CloudHttp
  timing: Timing
  skips: SkipCounter
}

const SESSIONS = '/v1/code/sessions'
/** The server says something every 15 s. */
const STREAM_SILENCE_MS = 35_000
/** The largest page there is. */
const MOST_EVENTS = 500

/** An answer of another shape than it should have. */
export const garbled = () =>
  new CloudFailure('unreachable', 'Anthropic’s server answered something else than was asked.', {
    maybeDone: true,
  })

/** Puts a session away: one that is away already is what was asked for. */
export const unlessAway = async (putting: Promise<unknown>): Promise<void> => {
  try {
    await putting
  } catch (error) {
    if (!(error instanceof CloudFailure) || error.kind !== 'conflict') throw error
  }
}

/**
 * Asks for a page, and for ever smaller ones while what is on it is too much to take in; `alone` is
 * the page of one event that is too much by itself. [I6]
 */
const inTheSize = async (
  size: number,
  ask: (size: number) => Promise<unknown>,
  alone: unknown,
): Promise<unknown> => {
  try {
    return await ask(size)
  } catch (error) {
    if (!(error instanceof CloudFailure) || !error.isTooLarge) throw error
    if (size > 1) return inTheSize(Math.ceil(size / 8), ask, alone)
    if (alone === undefined) throw error
    return alone
  }
}

/** The newer family of calls. */
export const createCloudApi = ({ http, timing, skips }: ApiParts): CloudApi => {
  const of = (
    suffix: Suffix,
    rest = '',
  ): Pick<CloudRequest, 'route' | 'path' | 'isAboutSession'> => ({
    route: `${SESSIONS}/:id${rest}`,
    path: `${SESSIONS}/${newerId(suffix)}${rest}`,
    isAboutSession: true,
  })

  return {
    list: async ({ cursor, limit, archived = false }, signal) => {
      const answer = asFields(
        await http.call(
          {
            route: SESSIONS,
            path: SESSIONS,
            query: {
              limit,
              cursor,
              ...(!archived && { statuses: ['active', 'paused'] }),
            },
          },
          signal,
        ),
      )
      if (!Array.isArray(answer?.data)) throw garbled()
      const { read: rows, skipped } = readRows(answer.data, 'row', skips, readRow)
      const nextCursor = textOf(answer.next_cursor)
      const resumeToken = textOf(answer.resume_token)
      return {
        rows,
        skipped,
        ...(nextCursor !== undefined && { nextCursor }),
        ...(resumeToken !== undefined && { resumeToken }),
      }
    },

    row: async (suffix, signal) => {
      const row = readRow(await http.call(of(suffix), signal))
      if (row) return row
      skips.skip('row')
      throw garbled()
    },

    events: async (suffix, { order, from, limit }, signal) => {
      const answer = asFields(
        await inTheSize(
          Math.max(1, Math.min(MOST_EVENTS, limit)),
          (size) =>
            http.call(
              {
                ...of(suffix, '/events'),
                query: { limit: size, sort_order: order, cursor: from },
              },
              signal,
            ),
          // It costs only itself: numbers have no gaps, so the next one is known.
          order === 'asc' ? { data: [null], next_cursor: (from ?? 0) + 1 } : undefined,
        ),
      )
      if (!Array.isArray(answer?.data)) throw garbled()
      const { read: events, skipped } = readRows(answer.data, 'event', skips, (value) =>
        readEvent(value),
      )
      const next = sequenceOf(answer.next_cursor)
      return { events, skipped, ...(next !== undefined && { next }) }
    },

    stream: async function* (suffix, after, signal) {
      const request: CloudRequest = {
        ...of(suffix, '/events/stream'),
        ...(after !== undefined && {
          query: { from_sequence_num: after },
          headers: { 'last-event-id': String(after) },
        }),
      }
      for await (const item of openFrames({ http, timing }, request, STREAM_SILENCE_MS, signal)) {
        const told = item.kind === 'open' ? item : readStreamFrame(item.frame, skips)
        if (told) yield told
      }
    },

    watch: async function* (resumeToken, signal) {
      const request: CloudRequest = {
        route: `${SESSIONS}/watch`,
        path: `${SESSIONS}/watch`,
        query: { exclude_tags: '-', resume_token: resumeToken },
      }
      for await (const item of openFrames(
        { http, timing },
        request,
        WAITS.watchSilenceMs,
        signal,
      )) {
        const told = item.kind === 'open' ? item : readWatchFrame(item.frame, skips)
        if (told) yield told
      }
    },

    send: async (suffix, payloads, signal) => {
      const uuids = payloads.map(payloadUuid)
      const request: CloudRequest = {
        ...of(suffix, '/events'),
        route: `POST ${SESSIONS}/:id/events`,
        method: 'POST',
        body: {
          session_id: newerId(suffix),
          events: payloads.map((payload) => ({ event_type: payload.type, payload })),
        },
      }
      const answer = asFields(await retryOnce(timing, signal, () => http.call(request, signal)))
      const results = listOf(answer?.results)
      return uuids.map((uuid, index): SendResult => {
        const result = asFields(results[index])
        const sequence = sequenceOf(result?.sequence_num)
        return {
          eventId: textOf(result?.event_id) ?? uuid,
          isDuplicate: result?.duplicate === true,
          ...(sequence !== undefined && { sequence }),
        }
      })
    },

    rename: async (suffix, title, signal) => {
      const request: CloudRequest = { ...of(suffix), method: 'PUT', body: { title } }
      await retryOnce(timing, signal, () => http.call(request, signal))
    },

    archive: async (suffix, signal) => {
      const request: CloudRequest = { ...of(suffix, '/archive'), method: 'POST', body: {} }
      await unlessAway(retryOnce(timing, signal, () => http.call(request, signal)))
    },

    markRead: async (suffix, signal) => {
      await http.call({ ...of(suffix, '/mark_read'), method: 'POST', body: {} }, signal)
    },

    environments: (signal) => listEnvironments({ http, skips }, signal),

    create: (request, signal) => createSession({ http, timing }, request, signal),
  }
}
