import { BELLHOP_VERSION } from '@bellhop/core'
import { keepAnswers, readAnswers } from './answers.ts'
import type { AgentSetup } from './cli-parts.ts'
import { explain } from './explain.ts'
import { stateWords } from './hooks.ts'

/**
 * Sees to it that sessions are followed: asks once whether the plugin may go in, and renews it after
 * an update. Answers what a person should read about it; nothing when all is as it was.
 */
export const offerHooks = async (
  agent: AgentSetup,
  dataDir: string,
  ask: ((question: string) => Promise<boolean>) | undefined,
): Promise<string[]> => {
  if ((await agent.find()) === undefined) return []
  const { hooks } = await readAnswers(dataDir)
  const keep = (wanted: boolean) =>
    keepAnswers(dataDir, { hooks: { wanted, version: BELLHOP_VERSION } })
  try {
    if (hooks?.wanted === false || hooks?.version === BELLHOP_VERSION) return []
    if (hooks?.wanted) {
      await agent.install()
      await keep(true)
      return []
    }
    if (ask === undefined) return []
    const state = await agent.state()
    if (state.plugin === 'installed') {
      await keep(true)
      return []
    }
    const question = `Put a plugin into ${agent.title}, so that every session you start shows up on the phone?`
    const wanted = await ask(question)
    await keep(wanted)
    if (!wanted) return ['Later: `bellhop hooks install`.']
    return stateWords(await agent.install(), agent.title)
  } catch (error) {
    const { isOurs, sentence, code } = explain(error)
    if (isOurs || code === 'failed') throw error
    return [sentence]
  }
}
