import type { Session } from '@bellhop/core'
import { type Command, isTyped } from './command.ts'
import { connect } from './connect.ts'
import { headOf } from './session-head.ts'

const ORDER = { waiting: 0, working: 1, idle: 2, ended: 3 } as const

/** Who waits first and longest stands first, as on the phone. */
const inOrder = (sessions: readonly Session[]): Session[] =>
  [...sessions].sort(
    (a, b) =>
      ORDER[a.status] - ORDER[b.status] ||
      (a.status === 'waiting'
        ? a.statusAt.localeCompare(b.statusAt)
        : b.lastEventAt.localeCompare(a.lastEventAt)),
  )

export const sessionsCommand: Command = {
  name: 'sessions',
  does: 'Lists the sessions, those that need you first.',
  options: { all: { type: 'boolean' } },
  means: { all: 'those that have ended too' },
  run: async ({ terminal, config, typed }) => {
    const { client } = await connect(config)
    const { sessions } = await client.call('sessions', null)
    const shown = inOrder(sessions).filter(
      ({ status, joinedTo }) =>
        joinedTo === undefined && (status !== 'ended' || isTyped(typed, 'all')),
    )
    if (isTyped(typed, 'json')) {
      terminal.json({ sessions: shown })
      return 0
    }
    if (shown.length === 0) terminal.line('No sessions now. They appear here by themselves.')
    const nowMs = Date.now()
    const { styles } = terminal
    for (const session of shown) {
      const { sessionId } = session
      const lines = headOf(session, { styles, columns: terminal.columns(), nowMs })
      for (const line of lines) terminal.line(line)
      terminal.line(`  ${styles.faint(sessionId)}`)
    }
    return 0
  },
}
