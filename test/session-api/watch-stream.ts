import { apiErrors } from './error-answers.ts'
import type { Exchange, Route } from './exchange.ts'
import { isTokenFresh, listTokenAt } from './resume-token.ts'
import { openSse } from './sse-writer.ts'
import { faultyFrames } from './stream-faults.ts'
import { platformOf, type World } from './world.ts'

const syncEveryMs = 110_000

/** `GET /v1/code/sessions/watch`: what becomes of the account's sessions. */
const serveWatch = (world: World, exchange: Exchange) => {
  const { time, streams } = world
  // Seen: a plain answer, not the API's own, when the platform header is missing.
  if (platformOf(exchange) !== 'web_claude_ai' || !world.families.watch)
    return exchange.text(404, 'endpoint not enabled')
  const isFresh = isTokenFresh(exchange.url.searchParams.get('resume_token') ?? '', time.nowMs())
  if (isFresh === undefined)
    return exchange.fail(apiErrors.badRequest('resume_token: Field required'))
  const faults = world.faults.takeForStream(exchange)
  const isSilent = !isFresh || faults.some(({ kind }) => kind === 'silent')
  const writer = openSse(exchange, time, { silent: isSilent })
  streams.watch += 1
  writer.onClose(() => {
    streams.watch -= 1
  })
  if (isSilent) return
  const write = faultyFrames(writer, faults, time)
  for (const { row } of world.sessions.values())
    if (row.status !== 'archived') write({ event: 'added', data: JSON.stringify(row) })
  const listening = world.onAccountNotice((notice) =>
    notice.kind === 'removed'
      ? write({ event: 'removed', data: JSON.stringify({ id: notice.id }) })
      : write({ event: notice.kind, data: JSON.stringify(notice.session.row) }),
  )
  let next: Disposable
  const sync = () => {
    write({ event: 'sync', id: listTokenAt(time.nowMs()), data: '{}' })
    next = time.after(syncEveryMs, sync)
  }
  sync()
  writer.onClose(() => {
    listening[Symbol.dispose]()
    next[Symbol.dispose]()
  })
}

export const watchRoutes = (world: World): Route[] => [
  { method: 'GET', path: '/v1/code/sessions/watch', handle: (x) => serveWatch(world, x) },
]
