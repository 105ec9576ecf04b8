import {
  type AnswerCommand,
  type CommandOf,
  newCommandId,
  type OpenPermission,
  type SessionEvent,
  type SessionId,
  shownHash,
} from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import { createSignal } from 'solid-js'

const UNCONFIRMED_MS = 8_000
const ANSWER_LIFE_MS = 60_000

type Own<Type extends AnswerCommand['type'], Field extends string> = {
  type: Type
} & Pick<CommandOf<Type>, Field & keyof CommandOf<Type>>
/** An answer before it is bound to what was shown. */
export type Answer =
  | Own<'decide_permission', 'decision'>
  | Own<'decide_plan', 'decision'>
  | Own<'answer_question', 'answer'>

/** How far an answer got. `unconfirmed`: no word for 8 s, being looked up. `failed` may be tried again. */
export type AnswerState =
  | { stage: 'sending'; words: string }
  | { stage: 'unconfirmed'; words: string }
  | { stage: 'taken'; words: string }
  | { stage: 'refused'; words: string; code: string; text: string }
  | { stage: 'failed'; words: string; text: string }

/**
 * Answers to what sessions ask. Each goes out at once or not at all, bound to exactly what was on the screen; it is
 * never kept for later, because by then something else may be asked.
 */
export function createAnswers(deps: { client: () => RelayClient; relayNowMs: () => number }) {
  const [states, setStates] = createSignal<ReadonlyMap<string, AnswerState>>(new Map())
  /** Which permission each answer of this run was for. */
  const sent = new Map<string, string>()
  const set = (permissionId: string, state: AnswerState | undefined) => {
    const next = new Map(states())
    if (state) next.set(permissionId, state)
    else next.delete(permissionId)
    setStates(next)
  }

  return {
    of: (permissionId: string) => states().get(permissionId),
    forget: (permissionId: string) => set(permissionId, undefined),
    /** Sends an answer to exactly the ask given; `words` say what is being done, such as "Allowing". */
    async give(
      sessionId: SessionId,
      wait: OpenPermission,
      answer: Answer,
      words: string,
    ): Promise<void> {
      const { permissionId } = wait
      if (['sending', 'unconfirmed', 'taken'].includes(states().get(permissionId)?.stage ?? ''))
        return
      set(permissionId, { stage: 'sending', words })
      const slow = setTimeout(
        () => set(permissionId, { stage: 'unconfirmed', words }),
        UNCONFIRMED_MS,
      )
      try {
        const command = {
          ...answer,
          commandId: newCommandId(),
          sessionId,
          permissionId,
          expiresAt: new Date(deps.relayNowMs() + ANSWER_LIFE_MS).toISOString(),
          shownHash: await shownHash(wait.ask),
        } as AnswerCommand
        sent.set(command.commandId, permissionId)
        const receipt = await sendTwice(deps.client(), command)
        if (receipt.state === 'refused')
          set(permissionId, {
            stage: 'refused',
            words,
            code: receipt.code ?? 'source_refused',
            text: receipt.text ?? 'The session did not take it.',
          })
        else set(permissionId, { stage: 'taken', words })
      } catch (error) {
        if (isRefusal(error))
          set(permissionId, { stage: 'refused', words, code: error.code, text: error.message })
        else
          set(permissionId, {
            stage: 'failed',
            words,
            text: 'Not confirmed. The relay did not answer.',
          })
      } finally {
        clearTimeout(slow)
      }
    },
    /** The source may turn down later what the relay took: the sheet must not go on saying it went through. */
    apply(events: readonly SessionEvent[]) {
      for (const event of events) {
        // The resolution names the command it came of, so it is the surest receipt there is.
        const own = event.type === 'permission.resolved' && event.causedBy
        if (own && sent.get(own) === event.permissionId)
          set(event.permissionId, {
            stage: 'taken',
            words: states().get(event.permissionId)?.words ?? '',
          })
        if (event.type !== 'command.settled' || event.outcome !== 'refused') continue
        const permissionId = sent.get(event.commandId)
        const state = permissionId && states().get(permissionId)
        if (!permissionId || !state) continue
        set(permissionId, {
          stage: 'refused',
          words: state.words,
          code: event.code ?? 'source_refused',
          text: event.text ?? 'The session did not take it.',
        })
      }
    },
  }
}

/** The same command, so that a lost answer to the first try is found by the second. */
async function sendTwice(client: RelayClient, command: AnswerCommand) {
  try {
    return await client.call('command', command, { timeoutMs: UNCONFIRMED_MS })
  } catch (error) {
    if (isRefusal(error)) throw error
    return client.call('command', command, { timeoutMs: UNCONFIRMED_MS })
  }
}
