import { randomUUID } from 'node:crypto'
import { deltasOf } from '../support/model-message.ts'
import type { ModelBlock, ModelTurn, ToolUseBlock } from '../support/model-script.ts'
import type { ModelConversation } from './model-conversation.ts'
import type { Fields } from './types.ts'
import { TurnAborted, type Verdict, type WorkerCore } from './worker-core.ts'
import { openPrompt } from './worker-prompts.ts'

const answerToStartMs = 80
const alwaysAsk = ['AskUserQuestion', 'ExitPlanMode']
const editTools = ['Edit', 'Write', 'MultiEdit', 'NotebookEdit']

const errorKinds: Record<string, string> = {
  overloaded_error: 'overloaded',
  rate_limit_error: 'rate_limit',
  authentication_error: 'authentication_failed',
}

/** Waits inside a turn; an interrupt ends the turn there. */
const pause = async (core: WorkerCore, ms: number, signal: AbortSignal) => {
  await core.time.wait(ms, signal)
  if (signal.aborted || !core.isAlive) throw new TurnAborted()
}

const sayAssistant = (core: WorkerCore, message: object, content: unknown[], more: Fields = {}) =>
  core.say({
    type: 'assistant',
    message: { ...message, content, stop_reason: null },
    parent_tool_use_id: null,
    ...more,
  })

/** Words as they come, for workers that stream; what an interrupt cuts off is said as such. */
const sayWords = async (
  core: WorkerCore,
  message: object,
  block: ModelBlock,
  chunkMs: number,
  signal: AbortSignal,
) => {
  let soFar = ''
  const stream = (event: object) => {
    if (core.options.deltas && core.isAlive)
      core.session.ephemeral({
        type: 'stream_event',
        event,
        parent_tool_use_id: null,
        uuid: randomUUID(),
      })
  }
  const { start, deltas } = deltasOf(block, chunkMs)
  stream({ type: 'content_block_start', index: 0, content_block: start })
  try {
    for (const delta of deltas) {
      if (chunkMs > 0) await pause(core, chunkMs, signal)
      stream({ type: 'content_block_delta', index: 0, delta })
      if ('text' in delta) soFar += delta.text
    }
  } catch (error) {
    if (soFar) sayLate(core, () => sayAborted(core, message, soFar))
    throw error
  }
  stream({ type: 'content_block_stop', index: 0 })
}

const sayAborted = (core: WorkerCore, message: object, text: string) =>
  sayAssistant(core, message, [{ type: 'text', text }], { aborted: true })

// A terminal worker tells of the end of an interrupted turn before what it had said so far.
const sayLate = (core: WorkerCore, say: () => void) =>
  core.kind === 'terminal' ? core.time.after(core.options.stepMs * 2, say) : say()

const isAllowed = (core: WorkerCore, toolName: string, input: Fields): boolean =>
  core.allowedTools.has(toolName) ||
  core.allowedCalls.some((rule) => {
    const command = String(input.command ?? '')
    const prefix = /^(.*):\*$/.exec(rule.ruleContent)?.[1]
    const fits = prefix === undefined ? command === rule.ruleContent : command.startsWith(prefix)
    return rule.toolName === toolName && fits
  })

const isAsked = (core: WorkerCore, toolName: string, input: Fields): boolean => {
  if (alwaysAsk.includes(toolName)) return true
  if (core.mode === 'bypassPermissions' || core.mode === 'dontAsk') return false
  if (core.mode === 'acceptEdits' && editTools.includes(toolName)) return false
  return !isAllowed(core, toolName, input)
}

const sayResult = (
  core: WorkerCore,
  id: string,
  content: string,
  isError: boolean,
  meta?: Fields,
) =>
  core.user(
    [{ type: 'tool_result', tool_use_id: id, content, ...(isError && { is_error: true }) }],
    {
      tool_use_result: isError ? `Error: ${content}` : { stdout: content, stderr: '' },
      ...(meta && { tool_result_meta: [{ tool_use_id: id, ...meta }] }),
    },
  )

/** Runs or does not run a call, by the verdict on it. */
const finishCall = (core: WorkerCore, call: ToolUseBlock & { id: string }, verdict: Verdict) => {
  switch (verdict.kind) {
    case 'run': {
      core.runs.push({ toolName: call.name, input: verdict.input })
      const output = verdict.words ?? core.options.output(call.name, verdict.input)
      return sayResult(core, call.id, output, false)
    }
    case 'refused':
      return sayResult(core, call.id, verdict.words, true, verdict.meta)
    case 'deny': {
      const words = verdict.message
        ? `The person does not want this to be done. To tell you why, the user said:\n${verdict.message}`
        : 'The person does not want this to be done.'
      sayResult(core, call.id, words, true, {
        ...(verdict.message && { user_feedback: verdict.message }),
        permission_decision: { behavior: 'reject', classification: 'user_reject' },
      })
      if (!verdict.interrupt) return
      core.user([{ type: 'text', text: '[Request interrupted by user for tool use]' }])
      throw new TurnAborted('aborted_tools')
    }
    case 'aborted':
      throw new TurnAborted('aborted_tools')
  }
}

type Call = ToolUseBlock & { id: string }

const isCall = (block: ModelBlock): block is Call => block.type === 'tool_use'

const playCall = async (core: WorkerCore, call: Call, signal: AbortSignal, show: () => void) => {
  const isFirst = core.options.promptFirst(call.name)
  if (!isAsked(core, call.name, call.input)) {
    show()
    await pause(core, core.options.stepMs, signal)
    const verdict: Verdict =
      core.mode === 'dontAsk' && !isAllowed(core, call.name, call.input)
        ? { kind: 'refused', words: 'Not asked, not run.', meta: {} }
        : { kind: 'run', input: call.input }
    return finishCall(core, call, verdict)
  }
  if (!isFirst) {
    show()
    await pause(core, core.options.stepMs, signal)
  }
  const prompt = openPrompt(core, call.name, call.id, call.input)
  if (isFirst) {
    await pause(core, core.options.stepMs, signal)
    show()
  }
  const verdict = await prompt.verdict
  if (verdict.kind === 'aborted') throw new TurnAborted('aborted_tools')
  await pause(core, answerToStartMs, signal)
  return finishCall(core, call, verdict)
}

const sayError = (core: WorkerCore, message: object, error: NonNullable<ModelTurn['error']>) =>
  sayAssistant(core, message, [{ type: 'text', text: `API Error: ${error.message}` }], {
    isApiErrorMessage: true,
    error: errorKinds[error.type] ?? 'unknown',
  })

/** Lets the model speak until it calls nothing more. Throws `TurnAborted` when interrupted. */
export const playModel = async (
  core: WorkerCore,
  conversation: ModelConversation,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    const { turn, message } = conversation.next(core.model)
    await pause(core, core.options.stepMs + (turn.delayMs ?? 0), signal)
    const { content, ...head } = message
    if (turn.error) return sayError(core, head, turn.error)
    const calls = content.filter(isCall)
    const shown = new Set<ModelBlock>()
    const show = (block: ModelBlock) => {
      if (shown.has(block)) return
      shown.add(block)
      sayAssistant(core, head, [block])
    }
    for (const block of content) {
      if (isCall(block)) continue
      await sayWords(core, head, block, turn.chunkMs ?? 0, signal)
      show(block)
    }
    // The calls of one message are all there before the first is asked about, unless there is only one.
    if (calls.length > 1) for (const call of calls) show(call)
    for (const call of calls) await playCall(core, call, signal, () => show(call))
    if (calls.length === 0) return
    conversation.hearResults(calls.map(({ id }) => id))
  }
}
