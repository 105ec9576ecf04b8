import { hostname } from 'node:os'
import { RelayError, type SessionId, type SourceId } from '@bellhop/core'
import type { Timing } from '../../clock.ts'
import { type Logger, silentLogger } from '../../logger.ts'
import type { SessionSource, SourceCommand } from '../../sessions/session-source.ts'
import type { CloudApi, CloudRow, OlderApi, SkipCounter } from './cloud-api.ts'
import { initializeSession } from './commands/initialize-session.ts'
import { mcpServers } from './commands/mcp-servers.ts'
import { performCommand } from './commands/perform-command.ts'
import { places } from './commands/places.ts'
import { startSession } from './commands/start-session.ts'
import { type CloudRun, openCloudRun } from './following/cloud-run.ts'
import type { OpenReader } from './following/cloud-session.ts'
import { createLooks } from './following/looks.ts'
import { suffixOf } from './session-names.ts'

export interface ClaudeCloudOptions {
  api: CloudApi
  older: OlderApi
  timing: Timing
  /** What was not understood, counted where it is read. */
  skips: SkipCounter
  openReader: OpenReader
  /** What a session can be asked, by its row. */
  capabilitiesOf(row: CloudRow): readonly string[]
  /** What kind of login is used and until when; never a token. */
  describeLogin?: (signal: AbortSignal) => Promise<string | undefined>
  /** How far the clock here is behind upstream’s, once that is known. */
  clockOffMs?: () => number | undefined
  /** What the machine this runs on calls itself. */
  hostname?: string
  logger?: Logger
  random?: () => number
}

export const CLOUD_SOURCE_ID = 'claude-cloud' as SourceId

/** The sessions of the person’s account: on Claude Code on the web, and by Remote Control anywhere. */
export const createClaudeCloudSource = (options: ClaudeCloudOptions): SessionSource => {
  const { timing, api } = options
  const logger = (options.logger ?? silentLogger).part('claude-cloud')
  const looks = createLooks(timing)
  let current: CloudRun | undefined

  const running = (): CloudRun => {
    if (!current) throw new RelayError('source_unreachable')
    return current
  }
  const session = (sessionId: SessionId) => running().sessionOf(sessionId)

  return {
    manifest: { sourceId: CLOUD_SOURCE_ID, title: 'Cloud sessions' },

    run: async (sink, signal) => {
      const run = await openCloudRun(
        {
          ...options,
          sourceId: CLOUD_SOURCE_ID,
          logger,
          looks,
          hostname: options.hostname ?? hostname(),
          random: options.random ?? Math.random,
          initialize: (one, shownAs, asking) =>
            initializeSession(one, { timing, ...(shownAs && { shownAs }) }, asking),
        },
        sink,
        signal,
      )
      current = run
      try {
        await run.run()
      } finally {
        if (current === run) current = undefined
      }
    },

    perform: async (command: SourceCommand, signal) =>
      performCommand(
        await session(command.command.sessionId),
        command,
        { api: running().api, timing },
        signal,
      ),

    details: () => current?.details() ?? [],

    focus: (sessionIds, isListOpen) => {
      looks.set(sessionIds, isListOpen)
      current?.looked()
    },

    pastOf: (sessionId) => {
      const suffix = suffixOf(sessionId)
      return suffix === undefined ? undefined : current?.pastOf(suffix)
    },

    readPast: ({ sessionId, past, limit }, signal) => {
      const suffix = suffixOf(sessionId)
      if (suffix === undefined) throw new RelayError('session_not_found')
      return running().readPast({ suffix, past, limit }, signal)
    },

    mcpServers: async (sessionId, signal) =>
      mcpServers(await session(sessionId), { timing }, signal),

    places: (signal) => {
      const rows = [...(current?.book.all() ?? [])].flatMap(({ row }) => (row ? [row] : []))
      return places(current?.api ?? api, { sourceId: CLOUD_SOURCE_ID, rows }, signal)
    },

    startSession: (request, signal) => {
      const { api: calls, takeUp } = running()
      return startSession(request, { api: calls, timing, takeUp }, signal)
    },
  }
}
