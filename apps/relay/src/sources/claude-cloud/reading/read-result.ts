/** A `result` event: the end of a turn. */
import { entryOf, fieldsOf, listOf, numberOf, textOf } from '../../../claude-format/lines.ts'
import { noOutcome } from '../../../claude-format/permission-ask.ts'
import { withdrawn } from './open-prompts.ts'
import { closePrompt } from './read-control.ts'
import type { ReadingState } from './reading-state.ts'
import { addNote, type EventTelling } from './telling.ts'
import type { TurnEnd } from './turns.ts'

const reasons: Readonly<Record<string, string>> = {
  api_error: 'The API answered with an error.',
  prompt_too_long: 'What was said no longer fits the model.',
  max_turns: 'It reached the most steps it may take in one turn.',
  budget_exhausted: 'It reached its budget.',
  error_max_turns: 'It reached the most steps it may take in one turn.',
  error_max_budget_usd: 'It reached its budget.',
  error_max_structured_output_retries: 'It could not put its answer into the form asked for.',
}

/** How a turn ended: by its terminal reason first, which alone is true for every worker. Pure. */
function turnEndOf(payload: EventTelling['payload'], isStopped: boolean): TurnEnd {
  const reason = textOf(payload.terminal_reason) ?? ''
  const subtype = textOf(payload.subtype) ?? ''
  const durationMs = numberOf(payload.duration_ms)
  const took = durationMs !== undefined && durationMs > 0 ? { durationMs } : {}
  if (reason.startsWith('aborted')) return { outcome: 'interrupted', ...took }
  const isError = payload.is_error === true || subtype.startsWith('error')
  if (!isError && !Object.hasOwn(reasons, reason)) return { outcome: 'finished', ...took }
  if (isStopped) return { outcome: 'interrupted', ...took }
  const errors = listOf(payload.errors).map(
    (one) => textOf(one) ?? textOf(fieldsOf(one)?.message) ?? '',
  )
  const words = errors.filter((one) => one !== '').join('\n')
  const error =
    words || textOf(payload.result) || entryOf(reasons, reason) || entryOf(reasons, subtype)
  return { outcome: 'failed', error: error ?? 'It ended with an error.', ...took }
}

export function readResult(state: ReadingState, telling: EventTelling): void {
  const { payload, uuid } = telling
  // A command of the program’s own answers nowhere else.
  const result = textOf(payload.result)
  const isOwnAnswer = payload.num_turns === 0 && payload.is_error !== true && result !== undefined
  if (isOwnAnswer) addNote(telling, { text: result, key: `event:${uuid}:note` })
  const end = turnEndOf(payload, state.turns.isStopped)
  for (const asked of state.prompts.open()) {
    // A yes that the worker never took is no reason why a turn was broken off.
    const isTaken = asked.answer?.countsAtMs !== undefined
    const isNo = asked.answer?.resolved.outcome === noOutcome(asked.prompt.toolName)
    if (end.outcome === 'interrupted' && !isTaken && !isNo) delete asked.answer
    closePrompt(state, telling, asked, withdrawn, telling.createdAtMs)
  }
  if (end.outcome === 'interrupted') state.calls.breakOff(telling)
  state.turns.result(telling, end, uuid)
  state.calls.endOrphans(telling)
  telling.signals.push(...state.words.clear(telling.sessionId))
}
