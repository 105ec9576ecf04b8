import {
  type AnswerCommand,
  type CommandOf,
  type EventOf,
  newCommandId,
  type OpenPermission,
  type Receipt,
  type SessionEvent,
  type SessionId,
  shownHash,
} from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import { createSignal } from 'solid-js'

const UNCONFIRMED_MS = 8_000
const ANSWER_LIFE_MS = 60_000
const BETWEEN_LOOKS_MS = 1_000
/** The relay keeps each asking for some seconds, so these are more than a minute. */
const MOST_LOOKS = 15
const NOT_TAKEN = 'The session did not take it.'
const NOT_CONFIRMED = 'Not confirmed. The session has not said whether it took it.'

type Own<Type extends AnswerCommand['type'], Field extends string> = {
  type: Type
} & Pick<CommandOf<Type>, Field & keyof CommandOf<Type>>
/** An answer before it is bound to what was shown. */
export type Answer =
  | Own<'decide_permission', 'decision'>
  | Own<'decide_plan', 'decision'>
  | Own<'answer_question', 'answer'>

/**
 * How far an answer got. `unconfirmed`: no word for 8 s, being looked up; with `text`, handed on and not confirmed by
 * the session. `failed` may be tried again.
 */
export type AnswerState =
  | { stage: 'sending'; words: string }
  | { stage: 'unconfirmed'; words: string; text?: string }
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

  const isOpen = (permissionId: string) =>
    ['sending', 'unconfirmed'].includes(states().get(permissionId)?.stage ?? '')
  /** Handed on, and the session has not confirmed it: no receipt will follow. */
  const isDoubted = (permissionId: string) => {
    const state = states().get(permissionId)
    return state?.stage === 'unconfirmed' && state.text !== undefined
  }

  const heard = (permissionId: string, receipt: Receipt) => {
    const words = states().get(permissionId)?.words ?? ''
    const { code = 'source_refused', text } = receipt
    if (receipt.state === 'done') set(permissionId, { stage: 'taken', words })
    else if (receipt.state === 'refused')
      set(permissionId, { stage: 'refused', words, code, text: text ?? NOT_TAKEN })
    else
      set(permissionId, {
        stage: 'unconfirmed',
        words,
        text: text ? `Not confirmed. ${text}` : NOT_CONFIRMED,
      })
  }

  const resolved = ({ permissionId, causedBy }: EventOf<'permission.resolved'>) => {
    // The resolution names the command it came of, so it is the surest receipt there is.
    if (causedBy !== undefined && sent.get(causedBy) === permissionId)
      set(permissionId, { stage: 'taken', words: states().get(permissionId)?.words ?? '' })
    // Whose answer it was nobody can tell, so nothing more is said of one's own.
    else if (isDoubted(permissionId)) set(permissionId, undefined)
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
      const slow = setTimeout(() => {
        if (states().get(permissionId)?.stage === 'sending')
          set(permissionId, { stage: 'unconfirmed', words })
      }, UNCONFIRMED_MS)
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
        const receipt = await lookUp(deps.client(), command, () => isOpen(permissionId))
        if (isOpen(permissionId)) heard(permissionId, receipt)
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
    /** What the session's events say of answers; the relay's own receipt may be older than they are. */
    apply(events: readonly SessionEvent[]) {
      for (const event of events) {
        if (event.type === 'permission.resolved') resolved(event)
        if (event.type !== 'command.settled' && event.type !== 'command.progressed') continue
        const permissionId = sent.get(event.commandId)
        if (!permissionId || !states().has(permissionId)) continue
        if (event.type === 'command.settled') {
          const { outcome: state, commandId, code, text } = event
          heard(permissionId, {
            commandId,
            state,
            ...(code !== undefined && { code }),
            ...(text !== undefined && { text }),
          })
        } else if (event.stage !== 'stored' && isDoubted(permissionId)) {
          heard(permissionId, { commandId: event.commandId, state: 'done' })
        }
      }
    },
  }
}

/** Asks what became of a command until something has, or for about as long as a source is given to do it. */
async function lookUp(client: RelayClient, command: AnswerCommand, isOpen: () => boolean) {
  let receipt = await sendTwice(client, command)
  for (let looks = 0; receipt.state === 'pending' && isOpen() && looks < MOST_LOOKS; looks++) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS))
    if (isOpen()) receipt = await sendTwice(client, command)
  }
  return receipt
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
