import type { Timing } from '../../../clock.ts'
import type { SkipCounter, StreamItem, Suffix } from '../cloud-api.ts'
import { CloudFailure } from '../cloud-failure.ts'
import type { CloudHttp } from './cloud-http.ts'
import { olderId } from './session-id.ts'
import { readSocketFrame } from './socket-items.ts'
import { openSocket } from './socket-line.ts'

/** A session of a kind without this road is let in and dropped again within seconds. */
const DROPPED_WITHIN_MS = 15_000
const MOST_REMEMBERED = 1_000

const closedRoad = () =>
  new CloudFailure('absent', 'Anthropic’s server does not stream this session by WebSocket.')

/** The road by WebSocket, for one session at a time. */
export const createSubscribe = ({
  http,
  timing,
  skips,
}: {
  http: CloudHttp
  timing: Timing
  skips: SkipCounter
}) => {
  /** Sessions that were dropped at once the last time, and so may have no such road. */
  const dropped = new Set<Suffix>()

  /** The upgrade’s own answer cannot be seen, so the session itself is asked for. Rejects where it is not there. */
  const probe = (suffix: Suffix, signal: AbortSignal) =>
    http.call(
      {
        route: '/v1/sessions/:id',
        path: `/v1/sessions/${olderId(suffix)}`,
        isAboutSession: true,
      },
      signal,
    )

  const urlOf = (suffix: Suffix, organizationId: string | undefined): string => {
    const url = new URL(`/v1/sessions/ws/${olderId(suffix)}/subscribe`, http.baseUrl)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    if (organizationId !== undefined) url.searchParams.set('organization_uuid', organizationId)
    return url.href
  }

  return async function* (
    suffix: Suffix,
    signal: AbortSignal,
  ): AsyncGenerator<StreamItem, void, void> {
    const { headers, organizationId } = await http.credentials(signal)
    await using line = await openSocket(urlOf(suffix, organizationId), headers, timing, signal)
    signal.throwIfAborted()
    if (line.end?.how === 'never_opened') {
      await probe(suffix, signal)
      throw closedRoad()
    }
    yield { kind: 'open' }
    let hasSpoken = false
    for (let frame = await line.next(); frame !== undefined; frame = await line.next()) {
      const { items, replies } = readSocketFrame(http.cover(frame), skips)
      for (const reply of replies) line.say(reply)
      hasSpoken ||= items.length > 0
      yield* items
    }
    signal.throwIfAborted()
    if (line.end?.how !== 'closed') return
    const { code, openForMs } = line.end
    if (code === 4001 || code === 4003) {
      await probe(suffix, signal)
      if (code === 4003) throw closedRoad()
      return
    }
    if (code !== 1006 || hasSpoken || openForMs > DROPPED_WITHIN_MS) {
      dropped.delete(suffix)
      return
    }
    if (dropped.delete(suffix)) throw closedRoad()
    if (dropped.size >= MOST_REMEMBERED) dropped.clear()
    dropped.add(suffix)
  }
}
