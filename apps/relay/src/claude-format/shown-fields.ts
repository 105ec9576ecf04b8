/** Whether a call's own screen tells everything of it that a person would decide by. Pure. */
import { BOUNDS } from '@bellhop/core'
import { type Fields, listOf } from './lines.ts'

// What each tool's screen shows, and what changes nothing about what would be done.
const shownFields: Readonly<Record<string, readonly string[]>> = {
  Bash: ['command', 'description', 'timeout', 'run_in_background'],
  Edit: ['file_path', 'old_string', 'new_string', 'replace_all'],
  MultiEdit: ['file_path', 'edits'],
  Write: ['file_path', 'content'],
  WebFetch: ['url', 'prompt'],
  Agent: ['description', 'prompt', 'subagent_type', 'model', 'name', 'run_in_background'],
  Task: ['description', 'prompt', 'subagent_type', 'model', 'name', 'run_in_background'],
}

const saysNothing = (value: unknown) =>
  value === undefined || value === null || value === false || value === ''

/**
 * False for a call that carries more than its screen shows, such as a command that asks to leave the
 * sandbox: it has to be shown whole. [I11]
 */
export function isAllShown(name: string, input: Fields): boolean {
  const shown = shownFields[name]
  if (!shown) return true
  if (listOf(input.edits).length > BOUNDS.list) return false
  return Object.entries(input).every(
    ([field, value]) => shown.includes(field) || saysNothing(value),
  )
}
