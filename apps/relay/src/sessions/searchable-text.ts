import {
  type Ask,
  askLine,
  askWords,
  type EventOf,
  readAgentWords,
  type SearchKind,
  type SessionEvent,
  type ToolDetail,
} from '@bellhop/core'

/** What of an event can be searched, and who said it. */
export type Searchable = { kind: SearchKind; text: string }

/** The words of an event that a transcript shows; none where it shows none of its own. [SE-1] */
export const searchableOf = (event: SessionEvent): Searchable | undefined => {
  const found = wordsOf(event)
  return found && found.text.trim() !== '' ? found : undefined
}

const wordsOf = (event: SessionEvent): Searchable | undefined => {
  switch (event.type) {
    case 'message.person':
      return personWords(event)
    case 'message.agent':
      return { kind: 'agent', text: event.text }
    case 'message.thinking':
      return { kind: 'thinking', text: event.text }
    case 'message.note':
    case 'source.note':
      return { kind: 'note', text: event.text }
    case 'tool.started':
      return callWords(event.tool)
    case 'tool.ended':
      return { kind: 'output', text: withoutAnsi(event.result.text ?? '') }
    case 'permission.requested':
      return promptWords(event.ask)
    case 'permission.resolved':
      return { kind: 'answer', text: event.text ?? '' }
    case 'turn.ended':
      return { kind: 'note', text: event.error ?? '' }
    default:
      return undefined
  }
}

/** What an agent sent through Bellhop is no person’s. [MC-7] */
const personWords = ({ from, text }: EventOf<'message.person'>): Searchable => {
  const agent = readAgentWords(text)
  return agent ? { kind: 'peer', text: agent.text } : { kind: from, text }
}

const lines = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('\n')

const callWords = (tool: ToolDetail): Searchable => {
  switch (tool.kind) {
    case 'shell':
      return { kind: 'command', text: lines(tool.command, tool.description) }
    case 'edit':
      return {
        kind: 'change',
        text: lines(tool.path, ...tool.edits.flatMap(({ before, after }) => [after, before])),
      }
    case 'write':
      return { kind: 'change', text: lines(tool.path, tool.content) }
    case 'read':
      return { kind: 'read', text: tool.path }
    case 'search':
      return { kind: 'tool', text: lines(tool.pattern, tool.path) }
    case 'fetch':
      return { kind: 'tool', text: lines(tool.url, tool.prompt) }
    case 'web_search':
      return { kind: 'tool', text: tool.query }
    case 'subagent':
      return { kind: 'tool', text: lines(tool.description, tool.prompt) }
    case 'mcp':
      return { kind: 'tool', text: lines(tool.name, tool.server, JSON.stringify(tool.input)) }
    case 'other':
      return { kind: 'tool', text: lines(tool.name, JSON.stringify(tool.input)) }
  }
}

/** A call that asks leave has been told as a call; a question and a plan stand for themselves. */
const promptWords = (ask: Ask): Searchable | undefined => {
  if (ask.kind === 'plan') return { kind: 'plan', text: ask.plan }
  if (ask.kind === 'tool') return undefined
  if (ask.kind === 'agent') return { kind: 'question', text: lines(askWords(ask), askLine(ask)) }
  const text = lines(
    ...ask.questions.flatMap(({ question, choices }) => [
      question,
      ...choices.flatMap(({ label, description }) => [label, description]),
    ]),
  )
  return { kind: 'question', text }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what colours in output begin with
const ANSI = /\u001b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g

const withoutAnsi = (text: string): string =>
  text.includes('\u001b') ? text.replaceAll(ANSI, '') : text
