import { randomUUID } from 'node:crypto'
import { realServerTime, type ServerTime } from '../support/virtual-time.ts'
import { createModelConversation } from './model-conversation.ts'
import { apiTime } from './session-ids.ts'
import { fieldsIn } from './tool-answers.ts'
import type { ApiSession, Fields, SentEvent } from './types.ts'
import { answerControl } from './worker-controls.ts'
import { createWorkerCore, TurnAborted, type WorkerCore } from './worker-core.ts'
import { echoMessages, isHuman, sayTurnEnd } from './worker-messages.ts'
import {
  abortPrompts,
  answerAtDesk,
  openPrompt,
  takeAnswer,
  usualSuggestions,
} from './worker-prompts.ts'
import { runSlashCommand } from './worker-slash.ts'
import { playModel } from './worker-turn.ts'
import type { Worker, WorkerOptions } from './worker-types.ts'

const readOnly = ['Read', 'Glob', 'Grep', 'LS', 'TodoWrite', 'WebSearch', 'Task']
/** A worker asks after its session only so often. */
const heartbeatMs = 20_000
const turnCostUsd = 0.0125

const never = new AbortController().signal

const holds = (input: unknown, words: string): boolean =>
  typeof input === 'string'
    ? input.includes(words)
    : typeof input === 'object' &&
      input !== null &&
      Object.values(input).some((value) => holds(value, words))

/** Sits down at a session as `claude` with Remote Control does. */
export const createWorker = (
  session: ApiSession,
  options: WorkerOptions & { time?: ServerTime } = {},
): Worker => {
  const { kind = 'terminal', time = realServerTime } = options
  const core: WorkerCore = createWorkerCore(session, time, kind, {
    cwd: options.cwd ?? String(session.row.config.cwd ?? '/home/ada/shop-api'),
    promptFirst: options.promptFirst ?? ((tool) => kind === 'terminal' && tool === 'Bash'),
    allowed: options.allowed ?? readOnly,
    receivedMs: options.receivedMs ?? 10,
    stepMs: options.stepMs ?? 20,
    deltas: options.deltas ?? kind === 'cloud',
    output: options.output ?? (() => '(no output)'),
    suggestions: options.suggestions ?? usualSuggestions,
    storesEchoes: options.storesEchoes ?? false,
  })
  const conversation = createModelConversation()
  const missed: SentEvent[] = []
  let idleWaiters: (() => void)[] = []
  let isAway = false
  let turns = 0

  const showState = (running: boolean) =>
    session.set({
      worker_status: running ? 'running' : 'idle',
      status_bucket: running ? 'working' : 'idle',
    })
  const takenAll = () => {
    if (core.turn || core.waiting.length > 0) return
    for (const resolve of idleWaiters) resolve()
    idleWaiters = []
  }

  const sayInterrupted = (reason: string) => {
    const where = reason === 'aborted_tools' ? ' for tool use' : ''
    core.user([{ type: 'text', text: `[Request interrupted by user${where}]` }])
  }

  /** One turn from what waits; what comes meanwhile waits for the next. */
  const runTurn = async (words: string, messages: readonly SentEvent[]) => {
    const turn = new AbortController()
    core.turn = turn
    turns += 1
    showState(true)
    session.setMetadata({ turn: { open: { started_at: apiTime(time.nowMs()) } } })
    for (const { eventId } of messages) session.delivery(eventId, 'processing')
    if (kind !== 'terminal') core.init()
    const spoken = words || echoMessages(core, messages)
    core.heard.push(spoken)
    let reason = 'completed'
    const local =
      (messages.length === 0 || messages.every(isHuman)) &&
      (await runSlashCommand(core, spoken, messages))
    if (local === 'exit') return exit()
    if (!local) {
      conversation.hear(spoken)
      try {
        await playModel(core, conversation, turn.signal)
      } catch (error) {
        if (!(error instanceof TurnAborted)) throw error
        reason = error.message || 'aborted_streaming'
        if (turn.signal.aborted && kind !== 'terminal') sayInterrupted(reason)
      }
    } else if (local === 'clear') conversation.forget()
    if (!core.isAlive) return
    // A terminal worker has told of an interrupted turn's end already, before it answered the interrupt.
    if ((!turn.signal.aborted || kind !== 'terminal') && local !== 'silent')
      sayTurnEnd(core, reason, messages, turns * turnCostUsd)
    core.turn = undefined
    showState(false)
    session.setMetadata({ turn: null })
    for (const { eventId } of messages) session.delivery(eventId, 'processed')
    if (kind === 'terminal') core.init()
    next()
  }
  const next = () => {
    if (core.turn || !core.isAlive) return
    const messages = core.waiting.splice(0)
    if (messages.length > 0) void runTurn('', messages)
    else takenAll()
  }

  const interrupt = (payload?: Fields) => {
    const wasRunning = core.turn !== undefined
    const isTerminal = kind === 'terminal'
    const reason = core.prompts.length > 0 ? 'aborted_tools' : 'aborted_streaming'
    const cancels = fieldsIn(payload?.request)?.cancel_queued === true && !isTerminal
    const cancelled = cancels ? core.waiting.splice(0) : []
    const receipt = isTerminal
      ? {}
      : {
          still_queued: core.waiting.map(({ eventId }) => eventId),
          ...(cancels && { cancelled: cancelled.map(({ eventId }) => eventId) }),
        }
    if (wasRunning && isTerminal) sayTurnEnd(core, reason, [], turns * turnCostUsd)
    if (payload)
      core.respond({ subtype: 'success', request_id: payload.request_id, response: receipt })
    if (!wasRunning) return
    core.turn?.abort()
    abortPrompts(core)
    if (isTerminal) sayInterrupted(reason)
  }

  const take = async (sent: SentEvent) => {
    await time.wait(core.options.receivedMs, never)
    if (!core.isAlive) return
    const { payload, eventId } = sent
    session.delivery(eventId, 'received')
    if (payload.type === 'user') {
      // Held, and never answered, as a receiver without permission checks does with peers.
      if (core.mode === 'bypassPermissions' && !isHuman(sent)) return
      // Seen: a message by the older road interrupts, one by the newer waits its turn.
      if (sent.family === 'v1' && core.turn) interrupt()
      core.waiting.push(sent)
      next()
      return
    }
    if (payload.type === 'control_response') takeAnswer(core, payload)
    else if (payload.type === 'control_request') {
      if (fieldsIn(payload.request)?.subtype === 'interrupt') interrupt(payload)
      else answerControl(core, payload)
    } else return
    session.delivery(eventId, 'processed')
  }

  const exit = () => {
    core.system('worker_shutting_down', { reason: 'host_exit' })
    sayTurnEnd(core, 'completed', [], 0)
    session.archive()
    core.leave()
    core.turn = undefined
    core.waiting.length = 0
    takenAll()
  }

  const listening = [
    session.onSent((sent) => {
      if (isAway) missed.push(sent)
      else void take(sent)
    }),
    session.onNotice((notice) => {
      if (notice.kind === 'archived') time.after(heartbeatMs, core.leave)
    }),
  ]
  session.set({ connection_status: 'connected' })
  session.setMetadata({ permission_mode: core.mode, model: core.model })
  core.init()
  // What was posted before it sat down reaches it by replay.
  const unheard = new Set(
    session.events.filter((event) => !event.received_at).map((event) => event.event_id),
  )
  for (const sent of session.sent) if (!sent.duplicate && unheard.has(sent.eventId)) void take(sent)

  return {
    session,
    kind,
    push: conversation.push,
    runs: core.runs,
    ran: (words) => core.runs.some(({ input }) => holds(input, words)),
    get pending() {
      return core.prompts[0]
    },
    get isRunning() {
      return core.turn !== undefined
    },
    idle: () =>
      new Promise((resolve) => {
        idleWaiters.push(resolve)
        takenAll()
      }),
    heard: core.heard,
    answers: core.answers,
    get permissionMode() {
      return core.mode
    },
    get model() {
      return core.model
    },
    submit: (text) => {
      if (core.turn) throw new Error('Nobody types while a turn is running')
      core.user(text, {
        uuid: randomUUID(),
        timestamp: apiTime(time.nowMs()),
        origin: { kind: 'human' },
      })
      void runTurn(text, [])
    },
    answerAtDesk: (answer) => answerAtDesk(core, answer),
    askAsSubagent: (toolName, input) => {
      const taskId = randomUUID()
      core.system('task_started', { task_id: taskId, description: 'A subagent at work' })
      const prompt = openPrompt(
        core,
        toolName,
        `toolu_${taskId.replaceAll('-', '').slice(0, 24)}`,
        input,
      )
      void prompt.verdict.then((verdict) => {
        if (verdict.kind === 'run') core.runs.push({ toolName, input: verdict.input })
        core.system('task_notification', { task_id: taskId, status: 'completed', summary: 'done' })
      })
      return prompt
    },
    goAway: () => {
      isAway = true
    },
    comeBack: () => {
      isAway = false
      for (const sent of missed.splice(0)) void take(sent)
    },
    exit,
    kill: () => core.leave(),
    [Symbol.dispose]: () => {
      core.isAlive = false
      core.turn?.abort()
      for (const one of listening) one[Symbol.dispose]()
    },
  }
}
