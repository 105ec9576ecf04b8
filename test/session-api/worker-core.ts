import { randomUUID } from 'node:crypto'
import type { ServerTime } from '../support/virtual-time.ts'
import type { ApiSession, EmitOptions, Fields, SentEvent } from './types.ts'
import type { PendingPrompt, WorkerKind, WorkerOptions } from './worker-types.ts'

/** How a prompt ended. */
export type Verdict =
  | { kind: 'run'; input: Fields; words?: string }
  | { kind: 'deny'; message: string; interrupt: boolean }
  | { kind: 'refused'; words: string; meta: Fields }
  | { kind: 'aborted' }

export interface OpenPrompt extends PendingPrompt {
  request: Fields
  settle(verdict: Verdict): void
  verdict: Promise<Verdict>
}

/** What the parts of a worker share. */
export interface WorkerCore {
  readonly session: ApiSession
  readonly time: ServerTime
  readonly kind: WorkerKind
  readonly options: Required<Omit<WorkerOptions, 'kind'>>
  /** False once the worker has left; nothing is said after that. */
  isAlive: boolean
  mode: string
  modeBeforePlan: string
  model: string
  /** Tools the person allowed for the rest of the session. */
  readonly allowedTools: Set<string>
  /** Calls allowed by what they run: exactly so, or with `:*` at its end, whatever begins so. */
  readonly allowedCalls: { toolName: string; ruleContent: string }[]
  readonly prompts: OpenPrompt[]
  readonly waiting: SentEvent[]
  readonly runs: { toolName: string; input: Fields }[]
  readonly heard: string[]
  readonly answers: { requestId: string; answer: Fields }[]
  /** The running turn's, aborted by an interrupt. */
  turn: AbortController | undefined
  say(payload: Fields, options?: EmitOptions): void
  system(subtype: string, fields?: Fields): void
  user(content: unknown, fields?: Fields): void
  /** Sends `init`, as after each turn and each change of mode or model. */
  init(): void
  setMode(mode: string): void
  respond(response: Fields, beside?: Fields): void
  /** Ends as a worker does: `connection_status` goes, nothing else is said. */
  leave(): void
}

/** Stands for "this turn was interrupted". */
export class TurnAborted extends Error {}

const terminalCapabilities = [
  'queued_notifications',
  'third_party_notification_caution',
  'ask_user_question_unanswered_v1',
  'read_file_live_reply_v1',
  'agent_messages_v1',
]
const serverCapabilities = [
  'interrupt_receipt_v1',
  'interrupt_cancel_queued_v1',
  'interrupt_send_now_v1',
  'interrupt_requeue_taken_v1',
  'msg_lifecycle_v1',
  'request_marker_lists_v1',
  'ask_user_question_unanswered_v1',
]

export const createWorkerCore = (
  session: ApiSession,
  time: ServerTime,
  kind: WorkerKind,
  options: WorkerCore['options'],
): WorkerCore => {
  const isTerminal = kind === 'terminal'
  const spokenId = isTerminal ? session.id : randomUUID()
  const core: WorkerCore = {
    session,
    time,
    kind,
    options,
    isAlive: true,
    mode: 'default',
    modeBeforePlan: 'default',
    model: String(session.row.config.model ?? 'claude-opus-5-5'),
    allowedTools: new Set(options.allowed),
    allowedCalls: [],
    prompts: [],
    waiting: [],
    runs: [],
    heard: [],
    answers: [],
    turn: undefined,
    say: (payload, emitting) => {
      if (!core.isAlive) return
      session.emit({ uuid: randomUUID(), ...payload, session_id: spokenId }, emitting)
    },
    system: (subtype, fields = {}) => core.say({ type: 'system', subtype, ...fields }),
    user: (content, fields = {}) =>
      core.say({
        type: 'user',
        message: { role: 'user', content },
        parent_tool_use_id: null,
        ...fields,
      }),
    init: () =>
      core.system('init', {
        claude_code_version: '2.1.329',
        cwd: isTerminal ? '' : options.cwd,
        model: core.model,
        permissionMode: core.mode,
        tools: isTerminal ? [] : ['Bash', 'Read', 'Edit', 'Write'],
        mcp_servers: [],
        slash_commands: ['compact', 'clear', 'cost', 'context', 'review'],
        agents: [],
        skills: [],
        plugins: [],
        output_style: 'default',
        apiKeySource: 'none',
        capabilities: isTerminal ? terminalCapabilities : serverCapabilities,
      }),
    setMode: (mode) => {
      if (mode === core.mode) return
      if (mode === 'plan') core.modeBeforePlan = core.mode
      core.mode = mode
      session.setMetadata({ permission_mode: mode })
      core.system('status', { status: null, permissionMode: mode })
    },
    respond: (response, beside = {}) =>
      core.say({ type: 'control_response', response: { ...response, ...beside } }),
    leave: () => {
      if (!core.isAlive) return
      core.isAlive = false
      core.turn?.abort()
      session.set({ connection_status: 'disconnected' })
    },
  }
  return core
}
