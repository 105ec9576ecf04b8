import { CommandFailed } from './explain.ts'
import type { Terminal } from './terminal.ts'

/** Asks a yes-or-no question once, before anything else is drawn; Enter alone means `usual`. */
export const askYesNo = async (
  terminal: Terminal,
  question: string,
  usual = true,
): Promise<boolean> => {
  const { confirm, isCancel } = await import('@clack/prompts')
  const { input, output } = terminal
  const answer = await confirm({ message: question, input, output, initialValue: usual })
  if (isCancel(answer)) throw new CommandFailed('Stopped before it began.')
  return answer
}
