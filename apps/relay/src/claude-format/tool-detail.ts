/** A tool call and its result in the words of the protocol. Pure. */
import { BOUNDS, cut, type JsonObject, type ToolDetail, type ToolResult } from '@bellhop/core'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from './lines.ts'

/** Text that fits the bound; what is missing is said in the text itself. */
export function fit(text: string, max: number): string {
  if (text.length <= max) return text
  const room = max - 60
  return `${text.slice(0, room)}\n[${text.length - room} more characters are not shown]`
}

const fitInput = (value: unknown) => fit(textOf(value) ?? '', BOUNDS.input)
const fitPath = (value: unknown) => cut(textOf(value) ?? '', BOUNDS.path).text
const fitLine = (value: unknown) => cut(textOf(value) ?? '', BOUNDS.line).text

/** The input as the tool would get it, or a word in its place where it is too large to carry. */
export function carriedInput(input: Fields): JsonObject {
  const size = JSON.stringify(input).length
  if (size <= BOUNDS.input) return input as JsonObject
  return { too_large_to_show: `${size} characters` }
}

function editsOf(input: Fields) {
  const given = Array.isArray(input.edits) ? input.edits : [input]
  return given.slice(0, BOUNDS.list).map((edit) => {
    const { old_string, new_string, replace_all } = fieldsOf(edit) ?? {}
    return {
      before: fitInput(old_string),
      after: fitInput(new_string),
      ...(replace_all === true && { everywhere: true }),
    }
  })
}

function mcpDetail(name: string, input: Fields): ToolDetail | undefined {
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? []
  if (!server || !tool) return undefined
  const input_ = carriedInput(input)
  return { kind: 'mcp', name: fitLine(tool), server: fitLine(server), input: input_ }
}

const readers: Readonly<
  Record<string, { needs: string; read: (name: string, input: Fields) => ToolDetail }>
> = {
  Bash: {
    needs: 'command',
    read: (name, input) => ({
      kind: 'shell',
      name,
      command: fitInput(input.command),
      ...(textOf(input.description) && { description: fitInput(input.description) }),
      ...(input.run_in_background === true && { background: true }),
    }),
  },
  Edit: {
    needs: 'file_path',
    read: (name, input) => ({
      kind: 'edit',
      name,
      path: fitPath(input.file_path),
      edits: editsOf(input),
    }),
  },
  Write: {
    needs: 'file_path',
    read: (name, input) => ({
      kind: 'write',
      name,
      path: fitPath(input.file_path),
      content: fitInput(input.content),
    }),
  },
  Read: {
    needs: 'file_path',
    read: (name, input) => {
      const fromLine = numberOf(input.offset)
      const lines = numberOf(input.limit)
      return {
        kind: 'read',
        name,
        path: fitPath(input.file_path),
        ...(fromLine !== undefined && { fromLine }),
        ...(lines !== undefined && { lines }),
      }
    },
  },
  Grep: {
    needs: 'pattern',
    read: (name, input) => ({
      kind: 'search',
      name,
      pattern: fitInput(input.pattern),
      ...(textOf(input.path) && { path: fitPath(input.path) }),
      looksAt: 'contents',
    }),
  },
  Glob: {
    needs: 'pattern',
    read: (name, input) => ({
      kind: 'search',
      name,
      pattern: fitInput(input.pattern),
      ...(textOf(input.path) && { path: fitPath(input.path) }),
      looksAt: 'names',
    }),
  },
  WebFetch: {
    needs: 'url',
    read: (name, input) => ({
      kind: 'fetch',
      name,
      url: fitInput(input.url),
      ...(textOf(input.prompt) && { prompt: fitInput(input.prompt) }),
    }),
  },
  WebSearch: {
    needs: 'query',
    read: (name, input) => ({ kind: 'web_search', name, query: fitInput(input.query) }),
  },
  Agent: {
    needs: 'description',
    read: (name, input) => ({
      kind: 'subagent',
      name,
      description: fitInput(input.description),
      ...(textOf(input.prompt) && { prompt: fitInput(input.prompt) }),
      ...(textOf(input.subagent_type) && { agentType: fitLine(input.subagent_type) }),
    }),
  },
}
const sameAs: Readonly<Record<string, string>> = { Task: 'Agent', MultiEdit: 'Edit' }

/** The call with its whole input, as nothing but that. */
export const wholeDetail = (name: string, input: Fields): ToolDetail => ({
  kind: 'other',
  name: fitLine(name),
  input: carriedInput(input),
})

/** The call as a screen shows it; a tool or a shape not known here arrives whole as `other`. */
export function toolDetail(name: string, input: Fields): ToolDetail {
  const reader = readers[sameAs[name] ?? name]
  if (reader && typeof input[reader.needs] === 'string') return reader.read(name, input)
  return mcpDetail(name, input) ?? wholeDetail(name, input)
}

function hunksOf(patch: unknown) {
  return listOf(patch)
    .slice(0, BOUNDS.list)
    .flatMap((hunk) => {
      const fields = fieldsOf(hunk)
      if (!fields) return []
      const lines = listOf(fields.lines).filter((line) => typeof line === 'string')
      return {
        oldStart: numberOf(fields.oldStart) ?? 0,
        oldLines: numberOf(fields.oldLines) ?? 0,
        newStart: numberOf(fields.newStart) ?? 0,
        newLines: numberOf(fields.newLines) ?? 0,
        lines: lines.slice(0, 5_000).map((line) => cut(line, 10_000).text),
      }
    })
}

/** The text of a message's content, which is a text or a list of blocks. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return listOf(content)
    .map((block) => {
      const fields = fieldsOf(block)
      if (fields?.type === 'text') return textOf(fields.text) ?? ''
      return fields?.type === 'image' ? '[image]' : ''
    })
    .filter((text) => text !== '')
    .join('\n')
}

/** What came out of a call: `content` as the model got it, `details` as the program kept it. */
export function toolResult(content: unknown, details: unknown): ToolResult {
  const fields = fieldsOf(details) ?? {}
  const hunks = hunksOf(fields.structuredPatch)
  const streams = [textOf(fields.stdout), textOf(fields.stderr)].filter((text) => text)
  const isShell = typeof fields.stdout === 'string'
  const plain = contentText(content).replace(/^<tool_use_error>(.*)<\/tool_use_error>$/s, '$1')
  const path = textOf(fields.filePath)
  const { text, cutChars } = cut(isShell ? streams.join('\n') : plain, BOUNDS.output)
  // A file's change says all that the sentence about it says.
  const hasDiff = hunks.length > 0 && path !== undefined
  return {
    ...(text !== '' && !hasDiff && { text }),
    ...(cutChars !== undefined && { cutChars }),
    ...(hasDiff && { diff: { path: fitPath(path), hunks } }),
  }
}
