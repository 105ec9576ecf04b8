import type { JsonObject, ToolAsk } from '@bellhop/core'

/** The part of an ask's input that a person would change, and how to put it back. */
export type EditableInput = {
  readonly text: string
  /** What is being edited, in words. */
  readonly what: string
  /** The whole input with the text in its place; undefined when the text cannot stand for an input. */
  apply(text: string): JsonObject | undefined
}

/** Pure. The command or content if the input holds it as one text, else the whole input as JSON. */
export function editableInput(ask: ToolAsk): EditableInput {
  const shown = shownText(ask)
  const key = shown && Object.keys(ask.input).find((name) => ask.input[name] === shown.text)
  if (shown && key !== undefined && key !== '') {
    return { ...shown, apply: (text) => ({ ...ask.input, [key]: text }) }
  }
  return {
    text: JSON.stringify(ask.input, null, 2),
    what: 'The whole input, as JSON',
    apply: (text) => {
      try {
        const value: unknown = JSON.parse(text)
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
        return isObject ? (value as JsonObject) : undefined
      } catch {
        return undefined
      }
    },
  }
}

function shownText({ tool }: ToolAsk): { text: string; what: string } | undefined {
  if (tool.kind === 'shell') return { text: tool.command, what: 'The command' }
  if (tool.kind === 'write') return { text: tool.content, what: tool.path }
  const [only] = tool.kind === 'edit' && tool.edits.length === 1 ? tool.edits : []
  if (tool.kind === 'edit' && only) return { text: only.after, what: `${tool.path}, the new text` }
  if (tool.kind === 'fetch') return { text: tool.url, what: 'The address' }
  return undefined
}

/** How many lines of a text differ from another, added and removed ones counted once each. */
export function linesThatDiffer(before: string, after: string): number {
  const old = before.split('\n')
  const now = after.split('\n')
  let same = 0
  while (same < Math.min(old.length, now.length) && old[same] === now[same]) same++
  let tail = 0
  while (
    tail < Math.min(old.length, now.length) - same &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail++
  return Math.max(old.length, now.length) - same - tail
}
