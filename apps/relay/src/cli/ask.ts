import { CommandFailed } from './explain.ts'
import type { Terminal } from './terminal.ts'

/** Asks a yes-or-no question once, before anything else is drawn. */
export const askYesNo = async (terminal: Terminal, question: string): Promise<boolean> => {
  const { confirm, isCancel } = await import('@clack/prompts')
  const { input, output } = terminal
  const answer = await confirm({ message: question, input, output, initialValue: true })
  if (isCancel(answer)) throw new CommandFailed('Stopped before it began.')
  return answer
}
