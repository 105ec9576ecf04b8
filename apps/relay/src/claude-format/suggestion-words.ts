/** A standing rule the agent offers, said so that a person knows what they would agree to. Pure. */
import { BOUNDS, cut } from '@bellhop/core'
import { entryOf, type Fields, fieldsOf, listOf, textOf } from './lines.ts'

const modes: Readonly<Record<string, string>> = {
  default: 'Ask before each change again.',
  acceptEdits:
    'Change files without asking, and run file commands such as mkdir, mv and rm inside the project.',
  plan: 'Only plan, and change nothing.',
  auto: 'Let auto mode decide what needs asking.',
  dontAsk: 'Never ask; refuse what no rule allows.',
  bypassPermissions: 'Never ask again, for anything at all.',
}

const places: Readonly<Record<string, string>> = {
  session: 'Until this session ends',
  localSettings: 'From now on in this project, for you alone',
  projectSettings: 'From now on in this project, for everyone who works on it',
  userSettings: 'From now on in all your projects',
}

/** What a rule is about, as the end of a sentence that starts with "Run", "Use", "Read" and so on. */
function ruleSubject(toolName: string, content: string | undefined): string {
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(toolName) ?? []
  if (server && tool) return `use \`${tool}\` of ${server}`
  if (content === undefined) return toolName === 'Bash' ? 'run any command' : `use ${toolName}`
  const isOpen = content.includes('*')
  switch (toolName) {
    case 'Bash': {
      const prefix = /^(.*?):?\s?\*$/.exec(content)?.[1]
      if (prefix === '') return 'run any command'
      if (prefix && !prefix.includes('*')) return `run any command that starts with \`${prefix}\``
      return isOpen ? `run any command like \`${content}\`` : `run exactly \`${content}\``
    }
    case 'Read':
      return `read files under \`${content}\``
    case 'Edit':
    case 'Write':
      return `change files under \`${content}\``
    case 'WebFetch':
      return `fetch pages of \`${content.replace(/^domain:/, '')}\``
    default:
      return `use ${toolName} for \`${content}\``
  }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function ruleSentences(rules: unknown, behavior: unknown, isTakenBack: boolean): string {
  const sentences = listOf(rules).map((rule) => {
    const fields = fieldsOf(rule) ?? {}
    const subject = ruleSubject(textOf(fields.toolName) ?? 'a tool', textOf(fields.ruleContent))
    if (isTakenBack) return `Take back the rule to ${subject}.`
    if (behavior === 'deny') return `Never ${subject}.`
    if (behavior === 'ask') return `Always ask before it may ${subject}.`
    return capital(`${subject} without asking.`)
  })
  return sentences.join(' ')
}

function wordsOf(suggestion: Fields): string {
  const folders = listOf(suggestion.directories)
    .map((folder) => `\`${folder}\``)
    .join(', ')
  switch (suggestion.type) {
    case 'addRules':
      return ruleSentences(suggestion.rules, suggestion.behavior, false)
    case 'replaceRules':
      return `Instead of the rules so far: ${ruleSentences(suggestion.rules, suggestion.behavior, false)}`
    case 'removeRules':
      return ruleSentences(suggestion.rules, suggestion.behavior, true)
    case 'setMode': {
      const mode = textOf(suggestion.mode) ?? ''
      return entryOf(modes, mode) ?? `Switch to the permission mode \`${mode}\`.`
    }
    case 'addDirectories':
      return `Work in ${folders} without asking for each file.`
    case 'removeDirectories':
      return `Stop working in ${folders}.`
    default:
      return ''
  }
}

const wholeWords = (value: unknown): string =>
  wordsOf(fieldsOf(value) ?? {}) || `A rule of a kind not known here: ${JSON.stringify(value)}`

/** Whether its words can be shown whole. One that is longer could hide what it allows. [I11] */
export const isSayable = (value: unknown): boolean => wholeWords(value).length <= BOUNDS.reason

/** The rule in words and how long it lasts; a kind not known here is shown as it came. */
export function suggestionWords(value: unknown): { words: string; lasts?: string } {
  const suggestion = fieldsOf(value) ?? {}
  const lasts = entryOf(places, textOf(suggestion.destination))
  return { words: cut(wholeWords(value), BOUNDS.reason).text, ...(lasts && { lasts }) }
}
