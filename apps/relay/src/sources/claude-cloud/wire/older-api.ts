import type { CloudRow, OlderApi, RowPage, Suffix } from '../cloud-api.ts'
import { asFields } from './answer.ts'
import type { CloudRequest } from './cloud-http.ts'
import { type ApiParts, garbled, unlessAway } from './newer-api.ts'
import { payloadUuid } from './payload-uuid.ts'
import { readBareEvent } from './read-event.ts'
import { textOf } from './read-fields.ts'
import { readRow } from './read-row.ts'
import { readRows } from './read-rows.ts'
import { retryOnce } from './retry-once.ts'
import { olderId } from './session-id.ts'
import { createSubscribe } from './subscribe.ts'

const SESSIONS = '/v1/sessions'
const PAGE = 100
/** Pages of the list that are read at most. [I6] */
const MOST_PAGES = 10
/** The largest page of events there is. */
const MOST_EVENTS = 1_000
/** A write may wait for a container to start. */
const WRITE_LIMIT_MS = 60_000

/** The older family of calls. */
export const createOlderApi = ({ http, timing, skips }: ApiParts): OlderApi => {
  const of = (
    suffix: Suffix,
    rest: string,
  ): Pick<CloudRequest, 'route' | 'path' | 'isAboutSession'> => ({
    route: `${SESSIONS}/:id${rest}`,
    path: `${SESSIONS}/${olderId(suffix)}${rest}`,
    isAboutSession: true,
  })

  return {
    list: async (signal): Promise<RowPage> => {
      const rows = new Map<Suffix, CloudRow>()
      let skipped = 0
      let after: string | undefined
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const query = { limit: PAGE, after_id: after }
        const answer = asFields(await http.call({ route: SESSIONS, path: SESSIONS, query }, signal))
        if (!Array.isArray(answer?.data)) throw garbled()
        const read = readRows(answer.data, 'row', skips, readRow)
        skipped += read.skipped
        for (const row of read.read) rows.set(row.suffix, row)
        const last = textOf(answer.last_id)
        if (answer.has_more !== true || last === undefined || last === after) break
        after = last
      }
      return { rows: [...rows.values()], skipped }
    },

    events: async (suffix, { afterId, beforeId, limit }, signal) => {
      // A page back repeats the event it starts from, so one more is asked for.
      const size = Math.max(1, Math.min(MOST_EVENTS, beforeId === undefined ? limit : limit + 1))
      const query = { limit: size, after_id: afterId, before_id: beforeId }
      const answer = asFields(await http.call({ ...of(suffix, '/events'), query }, signal))
      if (!Array.isArray(answer?.data)) throw garbled()
      const { read, skipped } = readRows(answer.data, 'event', skips, readBareEvent)
      return {
        events: read.filter(({ eventId }) => eventId !== beforeId),
        hasMore: answer.has_more === true,
        skipped,
      }
    },

    subscribe: createSubscribe({ http, timing, skips }),

    send: async (suffix, payloads, signal) => {
      const sessionId = olderId(suffix)
      for (const payload of payloads) payloadUuid(payload)
      await http.call(
        {
          ...of(suffix, '/events'),
          route: `POST ${SESSIONS}/:id/events`,
          method: 'POST',
          body: { events: payloads.map((payload) => ({ ...payload, session_id: sessionId })) },
          timeLimitMs: WRITE_LIMIT_MS,
        },
        signal,
      )
    },

    rename: async (suffix, title, signal) => {
      const request: CloudRequest = { ...of(suffix, ''), method: 'PATCH', body: { title } }
      await retryOnce(timing, signal, () => http.call(request, signal))
    },

    archive: async (suffix, signal) => {
      const request: CloudRequest = { ...of(suffix, '/archive'), method: 'POST', body: {} }
      await unlessAway(retryOnce(timing, signal, () => http.call(request, signal)))
    },
  }
}
