import { type Call, type Command, isTyped } from './command.ts'
import { completionLines, SHELLS, type Shell } from './completion-scripts.ts'
import { connect } from './connect.ts'
import { EXIT } from './exit-codes.ts'
import { UsageError } from './explain.ts'
import { printable } from './terminal.ts'

const NAMES = ['sessions', 'agents', 'devices'] as const
type Names = (typeof NAMES)[number]

/** Writes completions made from the commands themselves, so that they know what there is. */
export const completionsCommand = (commands: () => readonly Command[]): Command => ({
  name: 'completions',
  takes: '<bash|zsh|fish>',
  wordsMin: 1,
  wordsMax: 1,
  places: [SHELLS],
  does: 'Prints completions for a shell.',
  notes: [
    'bash   source <(bellhop completions bash)                     in ~/.bashrc',
    'zsh    source <(bellhop completions zsh)       in ~/.zshrc, behind compinit',
    'fish   bellhop completions fish | source         in ~/.config/fish/config.fish',
    `They ask for names as they are needed: bellhop completions ${NAMES.join(', ')}.`,
  ],
  run: async (call) => {
    const { terminal, words, typed } = call
    const [wanted = ''] = words
    if (isNames(wanted)) {
      const names = await namesOf[wanted](call)
      if (isTyped(typed, 'json')) terminal.json({ names })
      else for (const { name, says } of names) terminal.line(`${name}\t${says}`)
      return EXIT.done
    }
    if (!isShell(wanted)) {
      throw new UsageError(`${printable(wanted, 40)} is none of ${SHELLS.join(', ')}.`)
    }
    const lines = completionLines(wanted, commands())
    if (isTyped(typed, 'json')) terminal.json({ shell: wanted, script: lines.join('\n') })
    else for (const line of lines) terminal.line(line)
    return EXIT.done
  },
})

const isShell = (word: string): word is Shell => (SHELLS as readonly string[]).includes(word)
const isNames = (word: string): word is Names => (NAMES as readonly string[]).includes(word)

/** What can be named now, each with a word on it for shells that show one. */
const namesOf: Record<Names, (call: Call) => Promise<{ name: string; says: string }[]>> = {
  sessions: async ({ config }) => {
    const { sessions } = await (await connect(config)).client.call('sessions', null)
    return sessions
      .filter(({ status, joinedTo }) => status !== 'ended' && joinedTo === undefined)
      .map(({ sessionId, title }) => ({ name: sessionId, says: printable(title ?? '', 50) }))
  },
  agents: async (call) =>
    (await devicesOf(call))
      .filter(({ agent }) => agent !== undefined)
      .map(({ name, scopes }) => ({ name, says: scopes.join(', ') })),
  devices: async (call) =>
    (await devicesOf(call)).map(({ deviceId, name }) => ({
      ...{ name: deviceId, says: printable(name, 50) },
    })),
}

const devicesOf = async ({ config }: Call) =>
  (await (await connect(config)).client.call('devices', null)).devices
