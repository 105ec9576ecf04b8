import type { ModelTurn } from '../support/model-script.ts'
import type { ApiSession, Fields } from './types.ts'

export type WorkerKind = 'terminal' | 'server' | 'cloud'

export interface WorkerOptions {
  kind?: WorkerKind
  cwd?: string
  /** Whether a permission prompt comes before the assistant event of its call. Default: for Bash. */
  promptFirst?: (toolName: string) => boolean
  /** Tools that run unasked. Default: those that only read. */
  allowed?: readonly string[]
  /** Pauses, in the session's time. */
  receivedMs?: number
  stepMs?: number
  /** Whether the worker posts text deltas. Default: only "cloud". */
  deltas?: boolean
  /** What a call that runs puts out. Default: that it had no output. */
  output?: (toolName: string, input: Fields) => string
  /** What an allowed call may be allowed for good. Default: as the program suggests it. */
  suggestions?: (toolName: string, input: Fields) => unknown[]
  /** Whether the echo of a posted message becomes a row of its own. Default: the server knows its uuid. */
  storesEchoes?: boolean
}

export interface DeskAnswer {
  behavior: 'allow' | 'deny'
  updatedInput?: Fields
}

export interface PendingPrompt {
  requestId: string
  toolUseId: string
  toolName: string
  input: Fields
}

/** A worker at a session, playing what a test scripts and answering as a real one does. */
export interface Worker extends Disposable {
  readonly session: ApiSession
  readonly kind: WorkerKind
  /** What the model says next, one for each time it is asked; a turn ends with one that calls nothing. */
  push(...turns: ModelTurn[]): void
  /** Whether a tool call whose input holds these words was run. */
  ran(words: string): boolean
  /** Every call that was run, oldest first. */
  readonly runs: readonly { toolName: string; input: Fields }[]
  /** The prompt now open, if one is. */
  readonly pending: PendingPrompt | undefined
  readonly isRunning: boolean
  /** Resolves once no turn is running and nothing is queued. */
  idle(): Promise<void>
  /** What was put before the model as the user's words, as text. */
  readonly heard: readonly string[]
  /** What came of the answers to each prompt. */
  readonly answers: readonly { requestId: string; answer: Fields }[]
  readonly permissionMode: string
  readonly model: string
  /** Typed at the desk. */
  submit(text: string): void
  /** Answers the open prompt at the desk. */
  answerAtDesk(answer: DeskAnswer): void
  /** A background subagent asks: a prompt whose call no assistant event ever shows. */
  askAsSubagent(toolName: string, input: Fields): PendingPrompt
  /** Its event stream is down: what is posted now reaches it at `comeBack`. */
  goAway(): void
  comeBack(): void
  /** Leaves properly: says so, archives, disconnects. */
  exit(): void
  /** Is gone at once, and says nothing. */
  kill(): void
}
