/** How a session is told something or stopped, by the best way there is to it. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Actor, type CommandOf, RelayError } from '@bellhop/core'
import { type ClaudeProgram, runClaudeOk } from './claude-program.ts'
import { sendToInbox } from './inbox-socket.ts'
import type { LiveSession } from './live-session.ts'
import { askAgents, isAlive, type RegistryEntry, readRegistryEntry } from './session-registry.ts'
import {
  draftOn,
  pressEnter,
  pressEscape,
  styledScreen,
  type TmuxPane,
  typeable,
  typeMessage,
} from './tmux-keys.ts'

const pollMs = 100
const takenMs = 6_000
// By now the box is empty if Enter was taken as "send".
const boxSettledMs = 600
const pressAgainMs = 1_500
const stoppedMs = 8_000
// Stopping and starting a background session, its first record included.
const replacedMs = 60_000

const refused = (why: string) => new RelayError('source_refused', { why })

async function freshEntry(claude: ClaudeProgram, session: LiveSession): Promise<RegistryEntry> {
  const entry = await readRegistryEntry(claude.configDir, session.entry.pid)
  return entry ?? session.entry
}

/** Resolves when the session has the words, by its own word or by the look of its input box. */
async function untilTaken(
  pane: TmuxPane,
  taken: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let isTaken = false
  taken.then(() => {
    isTaken = true
  })
  const startMs = Date.now()
  let hasPressedAgain = false
  for (;;) {
    await sleep(pollMs, undefined, { signal })
    if (isTaken) return
    const elapsedMs = Date.now() - startMs
    const draft = elapsedMs > boxSettledMs ? draftOn(await styledScreen(pane)) : 'unknown'
    if (draft === '') return
    if (elapsedMs > takenMs) throw refused('the terminal did not take the message')
    if (draft !== undefined && elapsedMs > pressAgainMs && !hasPressedAgain) {
      hasPressedAgain = true
      await pressEnter(pane)
    }
  }
}

async function typeToPane(
  pane: TmuxPane,
  session: LiveSession,
  entry: RegistryEntry,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  if (entry.status === 'waiting' || session.asks.main) throw refused('it waits for an answer')
  const { taken, cancel } = session.sent.whenTaken(text)
  try {
    await typeMessage(pane, text)
    await untilTaken(pane, taken, signal)
  } finally {
    cancel()
  }
}

/** Resolves when nothing of the process is left; while any is, resuming would start a copy. */
async function untilGone(claude: ClaudeProgram, pid: number, signal: AbortSignal): Promise<void> {
  const deadlineMs = Date.now() + stoppedMs
  for (;;) {
    const isLeft = isAlive(pid) || (await readRegistryEntry(claude.configDir, pid)) !== undefined
    if (!isLeft && !(await askAgents(claude, signal))?.has(pid)) return
    if (Date.now() > deadlineMs) throw refused('it did not stop to be told more')
    await sleep(pollMs, undefined, { signal })
  }
}

async function resumeInBackground(
  claude: ClaudeProgram,
  session: LiveSession,
  entry: RegistryEntry,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  session.replacedByMs = Date.now() + replacedMs
  await runClaudeOk(claude, ['stop', entry.jobId ?? entry.sessionId])
  await untilGone(claude, entry.pid, signal)
  // Words that begin with a dash are words, not options of the program.
  const args = ['--bg', '--resume', entry.sessionId, '--', text]
  await runClaudeOk(claude, args, entry.cwd ? { cwd: entry.cwd } : {})
}

/** Says something to the session; resolves when the session has it. */
export function prompt(
  claude: ClaudeProgram,
  session: LiveSession,
  command: CommandOf<'prompt'>,
  by: Actor,
  signal: AbortSignal,
): Promise<void> {
  return session.hand.hold(signal, () => say(claude, session, command, by, signal))
}

async function say(
  claude: ClaudeProgram,
  session: LiveSession,
  command: CommandOf<'prompt'>,
  by: Actor,
  signal: AbortSignal,
): Promise<void> {
  const { commandId } = command
  const text = session.pane ? typeable(command.text) : command.text
  if (text.trim() === '') throw refused('there is nothing in it that can be typed')
  const entry = await freshEntry(claude, session)
  session.sent.add({ text, commandId, by, sentAtMs: Date.now() })
  // Kept before anything is typed: the relay may be gone when the record of it comes.
  session.poke()
  try {
    const inbox = entry.inboxSocket ?? session.link?.inboxSocket
    if (session.pane) await typeToPane(session.pane, session, entry, text, signal)
    else if (entry.kind === 'background' && entry.status === 'idle') {
      await resumeInBackground(claude, session, entry, text, signal)
    } else if (inbox) {
      const fromName = by.kind === 'device' ? by.name : 'phone'
      await sendToInbox(inbox, { messageId: randomUUID(), text, fromName })
    } else throw refused('there is no way to reach it')
  } catch (error) {
    session.sent.remove(commandId)
    throw error
  }
  session.poke()
}

/** Stops what the session does; resolves when it has stopped. */
export async function interrupt(
  claude: ClaudeProgram,
  session: LiveSession,
  command: CommandOf<'interrupt'>,
  by: Actor,
  signal: AbortSignal,
): Promise<void> {
  if (await session.asks.interrupt(by, command.commandId)) return
  const { pane } = session
  if (!pane) throw refused('it can be stopped from here only while it asks something')
  const before = await freshEntry(claude, session)
  if (before.status === 'idle') return
  await session.hand.hold(signal, () => pressEscape(pane))
  const deadlineMs = Date.now() + stoppedMs
  while ((await freshEntry(claude, session)).status !== 'idle') {
    if (Date.now() > deadlineMs) throw refused('it went on')
    await sleep(pollMs, undefined, { signal })
  }
  session.poke()
}
