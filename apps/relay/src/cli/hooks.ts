import type { AgentState } from './cli-parts.ts'
import { type Call, type Command, isTyped } from './command.ts'
import { CommandFailed } from './explain.ts'
import { printable } from './terminal.ts'

const count = (number: number, one: string, many: string) =>
  `${number} ${number === 1 ? one : many}`

/** How the wiring stands, in a sentence or two. */
export const stateWords = (
  { plugin, version, adoptedCount, problem }: AgentState,
  title: string,
): string[] => {
  const words = {
    installed: `The plugin is in place for ${title} ${version}.`,
    disabled: `The plugin is there but switched off in ${title}. \`bellhop hooks install\` switches it on.`,
    outdated: 'The plugin is from another Bellhop. `bellhop hooks install` renews it.',
    absent: 'The plugin is not installed. `bellhop hooks install` puts it in.',
  }[plugin]
  const lines = [words]
  if (adoptedCount > 0) {
    const sessions = count(adoptedCount, 'session that runs is', 'sessions that run are')
    lines.push(
      `${sessions} followed too, by a marked entry in the settings that goes when they end.`,
    )
  }
  if (problem !== undefined) {
    lines.push(`Sessions that run already are not followed: ${printable(problem, 300)}`)
  }
  return lines
}

const show = ({ terminal, typed, agent }: Call, state: AgentState) => {
  if (isTyped(typed, 'json')) terminal.json(state)
  else for (const line of stateWords(state, agent.title)) terminal.line(line)
}

const install: Command = {
  name: 'hooks install',
  does: 'Puts the plugin into Claude Code; sessions that run already are followed too.',
  run: async (call) => {
    const state = await call.agent.install()
    show(call, state)
    return state.problem === undefined ? 0 : 1
  },
}

const status: Command = {
  name: 'hooks status',
  does: 'Says whether the plugin is in place, and changes nothing.',
  run: async (call) => {
    const state = await call.agent.state()
    show(call, state)
    return state.plugin === 'installed' ? 0 : 1
  },
}

const uninstall: Command = {
  name: 'hooks uninstall',
  does: 'Takes the plugin out again; sessions that run go on.',
  run: async ({ terminal, typed, agent }) => {
    await agent.uninstall()
    if (isTyped(typed, 'json')) terminal.json({ plugin: 'absent' })
    else terminal.line(`The plugin is out of ${agent.title}. Sessions that run go on without it.`)
    return 0
  },
}

const askAdd: Command = {
  name: 'hooks ask add',
  takes: '<rule>',
  wordsMin: 1,
  wordsMax: 1,
  does: "Asks the phone for such calls, as in 'Bash(git push*)', even where nobody would be asked.",
  run: async ({ terminal, typed, words, agent }) => {
    const rule = await agent.askRules.add(words[0] ?? '')
    if (isTyped(typed, 'json')) terminal.json({ added: rule })
    else terminal.line(`Asks for ${printable(rule)} from the next call on.`)
    return 0
  },
}

const askRemove: Command = {
  name: 'hooks ask remove',
  takes: '<rule>',
  wordsMin: 1,
  wordsMax: 1,
  does: 'Takes such a rule away.',
  run: async ({ terminal, typed, words, agent }) => {
    const [rule = ''] = words
    if (!(await agent.askRules.remove(rule))) {
      throw new CommandFailed(`There is no rule ${rule}. \`bellhop hooks ask list\` lists them.`)
    }
    if (isTyped(typed, 'json')) terminal.json({ removed: rule })
    else terminal.line(`No longer asks for ${printable(rule)}.`)
    return 0
  },
}

const askList: Command = {
  name: 'hooks ask list',
  does: 'Lists these rules.',
  run: async ({ terminal, typed, agent }) => {
    const rules = await agent.askRules.list()
    if (isTyped(typed, 'json')) terminal.json({ rules })
    else if (rules.length === 0) terminal.line('No rules. Claude Code alone decides what it asks.')
    else for (const rule of rules) terminal.line(printable(rule, 1000))
    return 0
  },
}

export const hooksCommands: readonly Command[] = [
  install,
  status,
  uninstall,
  askAdd,
  askRemove,
  askList,
]
