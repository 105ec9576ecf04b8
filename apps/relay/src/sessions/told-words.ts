import {
  type Actor,
  agentWords,
  type Command,
  type CommandOf,
  type StartRequest,
} from '@bellhop/core'

/** What is said to a session, or begins one. */
export type Message = CommandOf<'prompt'> | StartRequest

export const isMessage = (asked: Command | StartRequest): asked is Message =>
  !('type' in asked) || asked.type === 'prompt'

/** A command as its session is told it: words of an agent say whose they are. [MC-7] */
export const asTold = <Asked extends Command | StartRequest>(asked: Asked, by: Actor): Asked => {
  if (!isMessage(asked) || by.kind !== 'device' || !by.agent) return asked
  return { ...asked, text: agentWords(by.name, asked.text) }
}
