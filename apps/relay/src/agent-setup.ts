import type { AgentSetup, AgentState } from './cli/cli-parts.ts'
import { systemTiming } from './clock.ts'
import type { Config } from './config/config.ts'
import {
  askRuleText,
  loadAskRules,
  readAskRule,
  saveAskRules,
} from './sources/claude-local/ask-rules.ts'
import { findClaude } from './sources/claude-local/claude-program.ts'
import {
  type HooksStatus,
  hooksStatus,
  installHooks,
  uninstallHooks,
} from './sources/claude-local/hooks-install.ts'

/** A keychain may be slow, and the start is not to wait for it for ever. */
const LOGIN_LOOK_MS = 5_000

const toState = (status: HooksStatus): AgentState => ({
  path: status.claudePath,
  version: status.version,
  plugin: status.plugin,
  adoptedCount: status.adoptedPids.length,
  ...(status.adoptionProblem !== undefined && { problem: status.adoptionProblem }),
})

/** What the command line can set up in the coding agent on this machine. */
export const createAgentSetup = (config: Config): AgentSetup => {
  const env = { ...config.programEnv }
  const options = { dataDir: config.dataDir, env }
  const texts = async () => (await loadAskRules(config.dataDir)).map(askRuleText)
  return {
    title: 'Claude Code',
    program: 'claude',
    find: async () => (await findClaude(env))?.path,
    state: async () => toState(await hooksStatus(options)),
    install: async () => toState(await installHooks(options)),
    uninstall: () => uninstallHooks(options),
    hasCloudLogin: async () => {
      const { hasLogin } = await import('./sources/claude-cloud/login/has-login.ts')
      const options = { env, home: config.home, timing: systemTiming }
      return hasLogin(options, AbortSignal.timeout(LOGIN_LOOK_MS))
    },
    askRules: {
      list: texts,
      add: async (text) => {
        const rule = readAskRule(text)
        const known = await texts()
        if (!known.includes(askRuleText(rule))) {
          await saveAskRules(config.dataDir, [...(await loadAskRules(config.dataDir)), rule])
        }
        return askRuleText(rule)
      },
      remove: async (text) => {
        const gone = askRuleText(readAskRule(text))
        const rules = await loadAskRules(config.dataDir)
        const kept = rules.filter((rule) => askRuleText(rule) !== gone)
        if (kept.length < rules.length) await saveAskRules(config.dataDir, kept)
        return kept.length < rules.length
      },
    },
  }
}
