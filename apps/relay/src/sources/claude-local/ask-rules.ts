import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RelayError } from '@bellhop/core'
import { dataPaths } from './data-paths.ts'

/** One "ask my phone" rule: a tool, and what its call must look like; `*` stands for anything. */
export interface AskRule {
  tool: string
  pattern?: string
}

const rulesMax = 200

/** Reads `Tool` or `Tool(pattern)`, as in `Bash(git push*)`. Throws `config_invalid`. */
export function readAskRule(text: string): AskRule {
  const [, tool, pattern] = /^([A-Za-z0-9_*-]{1,100})(?:\((.{1,1000})\))?$/s.exec(text.trim()) ?? []
  if (tool === undefined) throw new RelayError('config_invalid', { rule: text.slice(0, 200) })
  return pattern === undefined ? { tool } : { tool, pattern }
}

/** A rule as `readAskRule` reads it. */
export const askRuleText = ({ tool, pattern }: AskRule): string =>
  pattern === undefined ? tool : `${tool}(${pattern})`

/** The rules as they stand; none when there is no file. Throws `config_invalid` for a broken one. */
export async function loadAskRules(dataDir: string): Promise<AskRule[]> {
  const path = dataPaths(dataDir).askRules
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  try {
    const { rules } = JSON.parse(text) as { rules: AskRule[] }
    return rules.map((rule) => readAskRule(askRuleText(rule)))
  } catch (error) {
    throw new RelayError('config_invalid', { file: path }, error)
  }
}

/** Replaces the rules, in one step; sessions read them at their next tool call. */
export async function saveAskRules(dataDir: string, rules: readonly AskRule[]): Promise<void> {
  if (rules.length > rulesMax) throw new RelayError('config_invalid', { rulesMax })
  const path = dataPaths(dataDir).askRules
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const staging = `${path}.new`
  await writeFile(staging, `${JSON.stringify({ rules }, null, 2)}\n`, { mode: 0o600 })
  await rename(staging, path)
}
