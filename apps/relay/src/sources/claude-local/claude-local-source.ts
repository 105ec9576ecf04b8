import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAnswer, RelayError, type SourceId } from '@bellhop/core'
import { type Logger, silentLogger } from '../../logger.ts'
import type { SessionSource, SourceCommand, SourceSink } from '../../sessions/session-source.ts'
import { type ClaudeProgram, findClaude } from './claude-program.ts'
import { refreshPlugin } from './hooks-install.ts'
import { interrupt, prompt } from './session-commands.ts'
import { Terminals } from './terminals.ts'

export interface ClaudeLocalOptions {
  dataDir: string
  env?: NodeJS.ProcessEnv
  /** The Node that adopted sessions run their hook with. */
  nodePath?: string
  machine?: string
  /** How long a permission is held for a phone where that hides it from the terminal. */
  hiddenHoldMs?: number
  /** Whether anyone could answer from a phone. */
  isAnyonePaired?: () => boolean
  logger?: Logger
}

const sourceId = 'claude-local' as SourceId
const hiddenHoldMs = 45_000
const lookAgainMs = 10_000

/** The sessions of the person's own Claude Code on this machine. */
export function createClaudeLocalSource(options: ClaudeLocalOptions): SessionSource {
  const env = options.env ?? process.env
  const logger = (options.logger ?? silentLogger).part('claude-local')
  let terminals: Terminals | undefined

  async function untilFound(
    sink: SourceSink,
    signal: AbortSignal,
  ): Promise<ClaudeProgram | undefined> {
    while (!signal.aborted) {
      const claude = await findClaude(env)
      if (claude) return claude
      sink.health({ state: 'down', text: 'There is no `claude` on this machine.' })
      await sleep(lookAgainMs, undefined, { signal }).catch(() => {})
    }
    return undefined
  }

  return {
    manifest: { sourceId, title: 'Claude Code on this machine' },

    async run(sink, signal) {
      const claude = await untilFound(sink, signal)
      if (!claude) return
      // An older plugin still works, so a folder that cannot be written is no reason not to follow.
      await refreshPlugin({
        dataDir: options.dataDir,
        ...(options.nodePath !== undefined && { nodePath: options.nodePath }),
      }).catch((error: unknown) => logger.warn('the plugin was not brought up to date', { error }))
      terminals = new Terminals({
        sink,
        sourceId,
        claude,
        logger,
        dataDir: options.dataDir,
        nodePath: options.nodePath ?? process.execPath,
        machine: options.machine ?? hostname(),
        hiddenHoldMs: () =>
          (options.isAnyonePaired?.() ?? true) ? (options.hiddenHoldMs ?? hiddenHoldMs) : 0,
      })
      try {
        await terminals.run(signal)
      } finally {
        terminals = undefined
      }
    },

    async perform({ command, by }: SourceCommand, signal) {
      const running = terminals
      await running?.ready
      const session = running?.find(command.sessionId)
      if (!running || !session) throw new RelayError('source_unreachable')
      const { claude } = running
      if (isAnswer(command)) return session.answer(command, by)
      if (command.type === 'prompt') return prompt(claude, session, command, by, signal)
      if (command.type !== 'interrupt') {
        throw new RelayError('not_supported', { capability: command.type })
      }
      return interrupt(claude, session, command, by, signal)
    },
  }
}
