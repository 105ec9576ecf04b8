import { join } from 'node:path'
import type { OpenPermission, Receipt, Session, SessionId, TranscriptRow } from '@bellhop/core'
import { createClaudeLocalSource } from '@bellhop/relay/claude-local'
import { installHooks } from '@bellhop/relay/hooks-install'
import { type ClaudeRig, startClaudeRig } from './claude-rig.ts'
import { startRelay, type TestRelay } from './start-relay.ts'
import type { TmuxTerminal } from './tmux-terminal.ts'
import { until } from './until.ts'
import type { VirtualPhone, Wish } from './virtual-phone.ts'

type Answer<Type extends Wish['type']> = Omit<
  Extract<Wish, { type: Type }>,
  'sessionId' | 'permissionId' | 'shownHash'
>
type AnyAnswer = Answer<'decide_permission'> | Answer<'answer_question'> | Answer<'decide_plan'>

/** The real `claude`, a real relay that watches it, and a paired phone. */
export interface ClaudeRelay extends AsyncDisposable {
  readonly rig: ClaudeRig
  readonly relay: TestRelay
  readonly phone: VirtualPhone
  readonly dataDir: string
  installHooks(): ReturnType<typeof installHooks>
  /** Stops the relay; the sessions go on. */
  stopRelay(): Promise<void>
  /** Starts it again on the same data, with a new phone. */
  startRelayAgain(): Promise<void>
  /** The session as the phone has it, once it fits. */
  session(id: SessionId, fits: (session: Session) => boolean, what: string): Promise<Session>
  /** A session that can be answered and was not there among `known`. */
  newSession(known?: readonly SessionId[]): Promise<Session>
  wait(id: SessionId): Promise<OpenPermission>
  answer(id: SessionId, wait: OpenPermission, answer: AnyAnswer): Promise<Receipt>
  rows(id: SessionId): readonly TranscriptRow[]
}

export interface ClaudeRelayOptions {
  /** Whether the hooks are installed before anything else; the default. */
  install?: boolean
  hiddenHoldMs?: number
}

const patienceMs = 20_000

export const startClaudeRelay = async (options: ClaudeRelayOptions = {}): Promise<ClaudeRelay> => {
  await using undo = new AsyncDisposableStack()
  const rig = undo.use(await startClaudeRig())
  const dataDir = join(rig.folder, 'data')
  const install = () => installHooks({ dataDir, env: rig.env })
  if (options.install !== false) await install()

  const start = async () => {
    const { hiddenHoldMs } = options
    const source = createClaudeLocalSource({
      dataDir,
      env: rig.env,
      machine: 'desk',
      ...(hiddenHoldMs !== undefined && { hiddenHoldMs }),
    })
    const relay = await startRelay({ dataDir, overrides: { sources: [source] } })
    return { relay, phone: await relay.phone() }
  }
  let running = await start()
  const stop = async () => {
    await running.phone[Symbol.asyncDispose]()
    await running.relay[Symbol.asyncDispose]()
  }
  undo.defer(() => stop())
  const parts = undo.move()

  const claude: ClaudeRelay = {
    rig,
    dataDir,
    get relay() {
      return running.relay
    },
    get phone() {
      return running.phone
    },
    installHooks: install,
    stopRelay: stop,
    startRelayAgain: async () => {
      running = await start()
    },
    session: (id, fits, what) =>
      until(
        () => {
          const session = running.phone.session(id)
          return session && fits(session) ? session : undefined
        },
        { what, timeoutMs: patienceMs },
      ),
    newSession: (known = []) =>
      running.phone.findSession(
        ({ sessionId, capabilities }) =>
          !known.includes(sessionId) && capabilities.includes('decide_permission'),
        patienceMs,
      ),
    wait: async (id) => {
      const session = await claude.session(id, ({ waits }) => waits.length > 0, 'a permission')
      return session.waits[0] as OpenPermission
    },
    answer: async (id, { permissionId, ask }, answer) => {
      const shownHash = await running.phone.shown(ask)
      const wish = { ...answer, sessionId: id, permissionId, shownHash } as Wish
      return running.phone.send(wish)
    },
    rows: (id) => running.phone.rows(id),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
  return claude
}

/** A prompt with a script for the stand-in model in it. */
export const script = (...steps: string[]) => ['please', ...steps].join('\n')
/** A step that calls the shell. */
export const shell = (command: string) => `@@tool Bash ${JSON.stringify({ command })}`

const dialog = 'Do you want to proceed'

/** Answers the dialog on the screen by a key; it takes none in its first moments, so that nobody answers unread. */
export async function answerDialog(terminal: TmuxTerminal, key: 'Enter' | 'Escape'): Promise<void> {
  await terminal.waitFor(dialog)
  await until(
    async () => {
      await terminal.press(key)
      return terminal.waitForGone(dialog, { timeoutMs: 1_000 }).then(
        () => true,
        () => false,
      )
    },
    { timeoutMs: patienceMs, what: 'the dialog to take the key' },
  )
}
