import type { ToolAsk } from '@bellhop/core'

const WORDS: Partial<Record<ToolAsk['tool']['kind'], string>> = {
  edit: 'The change',
  write: 'What will stand in the file',
  read: 'The file',
  search: 'The search',
  fetch: 'The address',
  web_search: 'The search',
  subagent: 'What it is told',
}

/** What stands below the words, where a command would speak for itself; undefined where it does. Pure. */
export function besideWords(tool: ToolAsk['tool']): string | undefined {
  const isEverywhere = tool.kind === 'edit' && tool.edits.some((edit) => edit.everywhere)
  return isEverywhere ? 'The change, at every place in the file that reads so' : WORDS[tool.kind]
}
