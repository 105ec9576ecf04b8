import { type Actor, type Ask, type PermissionId, RelayError, type Subagent } from '@bellhop/core'
import { type Answer, resolutionOf } from './answers.ts'
import type { Script } from './script.ts'
import type { Tell } from './steps.ts'

/** The one permission a session has open at a time. */
export interface Asking {
  /** Asks and waits for the answer, however long it takes; withdraws when the signal aborts. */
  ask(
    asked: Ask,
    about: { toolCallId?: string; subagent?: Subagent },
    signal: AbortSignal,
  ): Promise<Answer>
  /** Takes an answer to what is open; throws `permission_already_decided` when that is something else. */
  answer(answer: Answer, by: Actor): Promise<void>
}

/** `isInterrupted` tells a turn that was stopped, which withdraws, from a relay that goes down. */
export const createAsking = (parts: {
  script: Script
  tell: Tell
  isInterrupted: () => boolean
}): Asking => {
  const { script, tell } = parts
  let open:
    | { permissionId: PermissionId; ask: Ask; answer: PromiseWithResolvers<Answer> }
    | undefined
  return {
    ask: async (asked, about, signal) => {
      const permissionId = script.newPermissionId()
      const own = { permissionId, ask: asked, answer: Promise.withResolvers<Answer>() }
      open = own
      await tell(script.draft('permission.requested', { permissionId, ask: asked, ...about }))
      try {
        return await orAborted(own.answer.promise, signal)
      } catch (error) {
        if (open === own && parts.isInterrupted()) {
          const by = { kind: 'source' } as const
          await tell(script.resolved(permissionId, by, { outcome: 'withdrawn' }))
        }
        throw error
      } finally {
        if (open === own) open = undefined
      }
    },
    answer: async (answer, by) => {
      const own = open
      if (own?.permissionId !== answer.permissionId) {
        throw new RelayError('permission_already_decided')
      }
      open = undefined
      const causedBy = answer.commandId
      const resolution = resolutionOf(answer, own.ask)
      await tell(script.resolved(own.permissionId, by, { ...resolution, causedBy }))
      own.answer.resolve(answer)
    },
  }
}

/** The promise, or a rejection when the signal aborts first. */
export const orAborted = <Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> => {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort)
  return Promise.race([promise, aborted]).finally(() =>
    signal.removeEventListener('abort', onAbort),
  )
}
