/** The relay's end of the wire to one connector. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { RelayError } from '@bellhop/core'
import { type Fields, textOf } from '../../claude-format/lines.ts'

/** A permission hook that is held open. */
export interface HeldAsk {
  holdId: string
  askedAtMs: number
  toolUseId?: string
  input: Fields
}

/** Why a held hook was let go without us: the call ran, the person said no or Esc, the turn ended. */
export type GoneReason = 'ran' | 'cancelled' | 'turn_over'

/** One connected process. `adopted` serves a single ask of a session that has no connector. */
export interface Link {
  readonly role: 'session' | 'adopted'
  readonly pid: number
  readonly sessionId: string
  /** Whether the terminal shows its own dialog beside a held hook of the main agent. */
  readonly hasDialog: boolean
  readonly inboxSocket?: string
  readonly tmux?: { socketPath: string; pane: string }
  /** Whether its process is gone. */
  readonly isClosed: boolean
  /** Whether the held hook was let go before anyone here took it up. */
  isGone(holdId: string): boolean
  /**
   * Answers a held hook; an empty output lets it go undecided. False when it was gone already.
   * Rejects with `source_unreachable`.
   */
  answer(holdId: string, output: Fields): Promise<boolean>
}

const answerTimeoutMs = 5_000
const goneMax = 100

function parseTmux(fields: Fields): Link['tmux'] {
  const socketPath = textOf(fields.tmux)?.split(',')[0]
  const pane = textOf(fields.tmuxPane)
  return socketPath && pane && /^%\d+$/.test(pane) ? { socketPath, pane } : undefined
}

/** A link over a socket that has said hello. */
export class ConnectedLink implements Link {
  readonly role: Link['role']
  readonly pid: number
  readonly sessionId: string
  readonly hasDialog: boolean
  readonly inboxSocket?: string
  readonly tmux?: { socketPath: string; pane: string }
  readonly #socket: Socket
  readonly #gone = new Set<string>()
  readonly #answers = new Map<string, (taken: boolean | undefined) => void>()

  constructor(socket: Socket, hello: Fields, pid: number, sessionId: string) {
    this.#socket = socket
    this.role = hello.role === 'adopted' ? 'adopted' : 'session'
    this.pid = pid
    this.sessionId = sessionId
    this.hasDialog = hello.hasDialog !== false
    const inboxSocket = textOf(hello.inboxSocket)
    const tmux = parseTmux(hello)
    if (inboxSocket) this.inboxSocket = inboxSocket
    if (tmux) this.tmux = tmux
    socket.once('close', () => {
      for (const settle of this.#answers.values()) settle(undefined)
    })
  }

  get isClosed(): boolean {
    return this.#socket.destroyed
  }

  isGone(holdId: string): boolean {
    return this.#gone.has(holdId)
  }

  /** Notes that a held hook is no more. */
  noteGone(holdId: string): void {
    this.#gone.add(holdId)
    // Only the newest can still be on their way; the rest were taken up long ago.
    for (const old of [...this.#gone].slice(0, -goneMax)) this.#gone.delete(old)
  }

  async answer(holdId: string, output: Fields): Promise<boolean> {
    if (this.#socket.destroyed) throw new RelayError('source_unreachable')
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>()
    const timeout = new AbortController()
    this.#answers.set(holdId, resolve)
    this.#socket.write(`${JSON.stringify({ type: 'answer', holdId, output })}\n`)
    sleep(answerTimeoutMs, undefined, { signal: timeout.signal, ref: false }).then(
      () => resolve(undefined),
      () => {},
    )
    const taken = await promise
    timeout.abort()
    this.#answers.delete(holdId)
    if (taken === undefined) throw new RelayError('source_unreachable')
    return taken
  }

  taken(holdId: string, isTaken: boolean): void {
    this.#answers.get(holdId)?.(isTaken)
  }
}
