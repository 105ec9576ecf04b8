import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { SearchRequest, SessionId } from '@bellhop/core'
import { openSqliteBackend } from '../../apps/relay/src/backends/sqlite/sqlite-backend.ts'
import { systemClock } from '../../apps/relay/src/clock.ts'
import { createTranscriptSearch } from '../../apps/relay/src/sessions/transcript-search.ts'
import { said, stamped, started } from '../support/drafts.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { median, type Row, row } from './row.ts'

const EVENTS = 100_000
const SESSIONS = 200
const AT_ONCE = 500
const TRIES = 9

/** Numbers that are the same in every run. */
const createDice = () => {
  let seed = 1
  return (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
}

/** Words of which few are common and most are rare, as in a language. */
const createWords = () => {
  const dice = createDice()
  return (count: number) =>
    Array.from({ length: count }, () => `w${Math.floor(20_000 * (dice(1_000) / 1_000) ** 3)}`)
}

/** How long words take to be found in a log of 100,000 events, and what it costs to be able to. */
export const benchSearch = async (): Promise<Row[]> => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  await using backend = await openSqliteBackend({ path, clock: systemClock })
  const { log, sessions } = backend
  await log.append(Array.from({ length: SESSIONS }, (_, at) => started(`s${at}`)))
  const words = createWords()
  const event = (at: number) => {
    const text = [...words(at % 4 === 0 ? 200 : 40), 'everywhere', at % 1_000 === 0 ? 'rare' : '']
    const result = { text: text.join(' ') }
    return at % 4 === 0
      ? stamped(`s${at % SESSIONS}`, 'tool.ended', { toolCallId: `${at}`, outcome: 'ok', result })
      : said(`s${at % SESSIONS}`, result.text, { dedupeKey: `${at}` })
  }
  let appendMs = 0
  for (let from = 0; from < EVENTS; from += AT_ONCE) {
    const drafts = Array.from({ length: AT_ONCE }, (_, at) => event(from + at))
    const startedMs = performance.now()
    await log.append(drafts)
    appendMs += performance.now() - startedMs
  }
  const { search } = createTranscriptSearch({ index: backend.search, sessions })
  const time = async (request: Partial<SearchRequest> & { words: string }) => {
    const tookMs: number[] = []
    for (let tries = 0; tries < TRIES; tries++) {
      const startedMs = performance.now()
      await search({ limit: 40, ...request })
      tookMs.push(performance.now() - startedMs)
    }
    return median(tookMs)
  }
  const inSession = { sessionId: 'ses_s7' as SessionId }
  return [
    row(
      'append of 100,000 events of 500 characters, indexed',
      EVENTS / (appendMs / 1000),
      'events/s',
    ),
    row('search of 100,000 events, a rare word', await time({ words: 'rare' }), 'ms', {
      atMost: 100,
    }),
    row('search, a word of every event', await time({ words: 'everywhere' }), 'ms', {
      atMost: 100,
    }),
    row('search, the same in one session', await time({ words: 'everywhere', ...inSession }), 'ms'),
    row('search, two words and a beginning', await time({ words: 'w7 w19 w23' }), 'ms'),
    row('the database, an event', statSync(path).size / EVENTS, 'bytes'),
  ]
}
