import { BOUNDS, cut } from '@bellhop/core'
import { type Fields, textOf } from '../../claude-format/lines.ts'

export interface SessionFacts {
  title?: string
  /** How good the title is: given by the person 3, by the agent 2, its name 1, its first words 0. */
  titleRank?: number
  cwd?: string
  branch?: string | null
  model?: string
  permissionMode?: string
}

const titles: Readonly<Record<string, { field: string; titleRank: number }>> = {
  'custom-title': { field: 'customTitle', titleRank: 3 },
  'ai-title': { field: 'aiTitle', titleRank: 2 },
  'agent-name': { field: 'agentName', titleRank: 1 },
}

const line = (text: string) => cut(text, BOUNDS.line).text

/** What one line of a transcript says about the session it belongs to. Pure. */
export function readFacts(fields: Fields): SessionFacts {
  const cwd = textOf(fields.cwd)
  const branch = textOf(fields.gitBranch)
  const permissionMode = textOf(fields.permissionMode)
  const titled = titles[textOf(fields.type) ?? '']
  const title = titled && textOf(fields[titled.field])
  return {
    ...(cwd && { cwd: cut(cwd, BOUNDS.path).text }),
    // "HEAD" is what is written where there is no branch to name.
    ...(branch && { branch: branch === 'HEAD' ? null : line(branch) }),
    ...(permissionMode && { permissionMode: line(permissionMode) }),
    ...(titled && title && { title: line(title), titleRank: titled.titleRank }),
  }
}
