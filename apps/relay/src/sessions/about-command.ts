import { type AnyAsk, askLine, askWords, type Command, firstLine, maskSecrets } from '@bellhop/core'

/**
 * What exactly a command asks for, in one line for the audit log, with what looks like a secret
 * covered; empty when its type says it all. `ask` is what an answer is to. Pure. [AL-1]
 */
export const aboutCommand = (command: Command, ask?: AnyAsk): string =>
  firstLine(maskSecrets(wordsOf(command, ask && askedWords(ask))))

const askedWords = (ask: AnyAsk) =>
  ask.kind === 'agent' ? `${askWords(ask)}: ${askLine(ask)}` : askLine(ask)

/** What a held command would do where that is no text: the answer and what it is to. Pure. [HC-1] */
export const heldAbout = (command: Command, ask?: AnyAsk): string =>
  command.type === 'prompt'
    ? ''
    : firstLine(wordsOf(command, ask && `${askWords(ask)} ${askLine(ask)}`))

const wordsOf = (command: Command, asked = ''): string => {
  const to = (answer: string) => (asked === '' ? answer : `${answer}: ${asked}`)
  switch (command.type) {
    case 'prompt':
      return command.text
    case 'decide_permission':
      return to(permissionWords(command.decision))
    case 'decide_plan':
      return to(command.decision.behavior === 'approve' ? 'approve' : 'send back')
    case 'answer_question':
      return command.answer.kind === 'talk'
        ? to('talk first')
        : command.answer.answers
            .map(({ choices, text }) => [...choices, text ?? ''].filter(Boolean).join(', '))
            .join('; ')
    case 'set_model':
      return command.model ?? 'the default one'
    case 'set_permission_mode':
      return command.mode
    case 'set_thinking':
      return command.tokens === null ? 'as it would by itself' : `${command.tokens} tokens`
    case 'rename':
      return command.title
    case 'interrupt':
    case 'archive':
      return ''
  }
}

const permissionWords = (decision: Extract<Command, { type: 'decide_permission' }>['decision']) => {
  if (decision.behavior === 'deny') return 'deny'
  if (decision.suggestionIds?.length) return 'always allow'
  return decision.input ? 'allow, changed' : 'allow'
}
