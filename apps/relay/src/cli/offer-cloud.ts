import { keepAnswers, readAnswers } from './answers.ts'
import type { AgentSetup } from './cli-parts.ts'
import { UsageError } from './explain.ts'

/** What a person agrees to, said once. */
const question = (title: string) =>
  `Follow your ${title} cloud and Remote Control sessions too? Bellhop would use your own ${title} login with an interface its maker has not documented, at your own risk.`

/**
 * Whether cloud sessions are followed: as typed with `--cloud`, else as answered before, else as the
 * person says when asked, once; without anyone to ask, no. What is typed is remembered.
 */
export const settleCloud = async (
  agent: Pick<AgentSetup, 'title' | 'hasCloudLogin'>,
  dataDir: string,
  typed: string | undefined,
  ask: ((question: string) => Promise<boolean>) | undefined,
): Promise<boolean> => {
  if (typed !== undefined) {
    if (typed !== 'on' && typed !== 'off') throw new UsageError('--cloud is on or off.')
    await keepAnswers(dataDir, { cloud: { wanted: typed === 'on' } })
    return typed === 'on'
  }
  const { cloud } = await readAnswers(dataDir)
  if (cloud) return cloud.wanted
  if (ask === undefined || !(await agent.hasCloudLogin())) return false
  const wanted = await ask(question(agent.title))
  await keepAnswers(dataDir, { cloud: { wanted } })
  return wanted
}
