import { askYesNo } from './ask.ts'
import { CommandFailed } from './explain.ts'
import type { Terminal } from './terminal.ts'

/** Asks whether to go on with an answer that was just shown; Enter alone agrees to nothing. */
export const confirmAnswer = (terminal: Terminal, verb: string): Promise<boolean> => {
  if (!terminal.canAsk) {
    throw new CommandFailed(
      'Nobody can be asked here whether to go on. Nothing was answered. With --yes it is done unasked.',
    )
  }
  return askYesNo(terminal, `${verb.replace(/\.$/, '')}?`, false)
}
