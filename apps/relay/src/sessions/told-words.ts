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
  if (by.kind !== 'device' || !by.agent) return asked
  const told = (words: string) => agentWords(by.name, words)
  return (
    isMessage(asked) ? { ...asked, text: told(asked.text) } : tellAnswer(asked, told)
  ) as Asked
}

/** An answer with the words that are said in it, such as why not, told. */
const tellAnswer = (command: Command, told: (words: string) => string): Command => {
  const tell = <Key extends string, One extends { [key in Key]?: string | undefined }>(
    one: One,
    key: Key,
  ): One => (!one[key]?.trim() ? one : { ...one, [key]: told(one[key]) })
  switch (command.type) {
    case 'decide_permission': {
      const { decision } = command
      return decision.behavior === 'allow'
        ? command
        : { ...command, decision: tell(decision, 'reason') }
    }
    case 'decide_plan': {
      const { decision } = command
      return decision.behavior === 'approve'
        ? { ...command, decision: tell(decision, 'plan') }
        : { ...command, decision: tell(decision, 'reason') }
    }
    case 'answer_question': {
      const { answer } = command
      return answer.kind === 'talk'
        ? { ...command, answer: tell(answer, 'text') }
        : {
            ...command,
            answer: { ...answer, answers: answer.answers.map((one) => tell(one, 'text')) },
          }
    }
    default:
      return command
  }
}
