import { heldLine, heldWords } from './held-words.ts'
import type { AnyAsk } from './permission.ts'
import type { ToolDetail } from './tools.ts'

/** A tool call in one line: the command, the path, the pattern. */
export const toolLine = (tool: ToolDetail): string => {
  switch (tool.kind) {
    case 'shell':
      return tool.command
    case 'edit':
    case 'write':
    case 'read':
      return tool.path
    case 'search':
      return tool.pattern
    case 'fetch':
      return tool.url
    case 'web_search':
      return tool.query
    case 'subagent':
      return tool.description
    case 'mcp':
      return `${tool.name} of ${tool.server}`
    case 'other':
      return tool.name
  }
}

/** What an ask wants of a person, as the heading of its sheet. Never says that anything is safe. */
export const askWords = (ask: AnyAsk): string => {
  if (ask.kind === 'question')
    return ask.questions.length > 1 ? `${ask.questions.length} questions` : 'A question'
  if (ask.kind === 'plan') return 'Plan ready'
  if (ask.kind === 'agent') return heldWords(ask)
  if (ask.kind === 'unknown') return 'Something this version does not know'
  const { tool } = ask
  switch (tool.kind) {
    case 'shell':
      return 'Run a command?'
    case 'edit':
      return 'Change a file?'
    case 'write':
      return 'Write a file?'
    case 'read':
      return 'Read a file?'
    case 'search':
      return 'Search files?'
    case 'fetch':
      return 'Fetch a page?'
    case 'web_search':
      return 'Search the web?'
    case 'subagent':
      return 'Start a subagent?'
    case 'mcp':
      return `Use ${tool.name} of ${tool.server}?`
    case 'other':
      return `Use ${tool.name}?`
  }
}

/** The one line an ask is about: the command, the first question, the plan’s first line. */
export const askLine = (ask: AnyAsk): string => {
  if (ask.kind === 'tool') return toolLine(ask.tool)
  if (ask.kind === 'question') return ask.questions[0]?.question ?? ''
  if (ask.kind === 'agent') return heldLine(ask)
  if (ask.kind === 'unknown') return JSON.stringify(ask.raw)
  return (
    ask.plan
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.replace(/^#+\s*/, '') ?? ''
  )
}
