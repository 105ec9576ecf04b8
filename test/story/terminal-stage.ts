import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ClaudeRig, startClaudeRig } from '../support/claude-rig.ts'
import { runBellhop } from '../support/relay-process.ts'
import type { TmuxTerminal } from '../support/tmux-terminal.ts'
import { until } from '../support/until.ts'
import type { Stage } from './stage.ts'

type Asked = { messages: { role: string; content: unknown }[] }

/** The real `claude` in a terminal of this machine, against a scripted model. */
export const startTerminalStage = async (patienceMs: number): Promise<Stage> => {
  const rig: ClaudeRig = await startClaudeRig()
  let terminal: TmuxTerminal | undefined
  const desk = () => {
    if (!terminal) throw new Error('no terminal is open')
    return terminal
  }
  const touched = (name: string) => existsSync(join(rig.project, name))
  return {
    name: 'a session in a terminal of this machine',
    folder: rig.folder,
    env: rig.env,
    relayArgs: [],
    canEdit: true,
    speaksLive: true,
    secrets: [rig.env.ANTHROPIC_API_KEY ?? ''],
    prepare: async (dataDir) => {
      const { code, output } = await runBellhop(
        ['hooks', 'install', '--data-dir', dataDir],
        rig.env,
      )
      if (code !== 0) throw new Error(output)
    },
    open: async () => {
      terminal = await rig.open({ insideTmux: true })
    },
    model: (...turns) => rig.api.push(...turns),
    say: (words) => desk().submit(words),
    touched,
    offerScript: () => {
      const scripts = { hello: 'echo good morning' }
      const path = join(rig.project, 'package.json')
      return writeFile(path, JSON.stringify({ name: 'shop', scripts }))
    },
    allowAtDesk: async (name) => {
      await desk().waitFor(/Do you want to proceed/)
      await until(
        async () => {
          await desk().press('Enter')
          return touched(name)
        },
        { timeoutMs: patienceMs, everyMs: 400, what: 'the answer at the terminal' },
      )
    },
    enterPlanMode: async () => {
      await desk().press('BTab', 'BTab')
      await desk().waitFor(/plan mode on/)
    },
    stillAsksAtDesk: async () => {
      await desk().waitFor(/Do you want to proceed/)
    },
    toTheModel: () => JSON.stringify(rig.api.requests.at(-1)?.body),
    lastWords: () => {
      const asked = rig.api.requests.at(-1)?.body as Asked | undefined
      return JSON.stringify(asked?.messages.filter(({ role }) => role === 'user').at(-1)) ?? ''
    },
    screen: async () => (await terminal?.screen({ history: true }).catch(() => '')) ?? '',
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  }
}
