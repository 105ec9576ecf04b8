import { fromJsonSchema, type McpServer, type ServerContext } from '@modelcontextprotocol/server'
import type { Follower } from './follower.ts'
import type { RelayLink } from './relay-link.ts'
import { refusalOf, ToolRefused } from './tool-refused.ts'

type JsonSchema = Parameters<typeof fromJsonSchema>[0]
type Fields = Readonly<Record<string, JsonSchema>>

/** What every tool works with. */
export type ToolParts = {
  link: RelayLink
  follower: Follower
  /** The session the agent runs in, as that session’s program calls it, where its own program says so. [MC-7] */
  ownSession?: string | undefined
  /** Aborts, with the refusal as its reason, when the agent is not served any more. */
  gone: AbortSignal
}

/** Where a message comes from, as the relay is told. [MC-7] */
export const fromWhere = ({ ownSession }: Pick<ToolParts, 'ownSession'>) =>
  ownSession ? { fromSession: ownSession.slice(0, 200) } : {}

/** One call of a tool. */
export type ToolCall = {
  /** Aborts when whoever called does not want the answer any more. */
  signal: AbortSignal
  /** Says how far it has come, where the caller asked to be told. */
  progress(message: string): void
  /** What is to be known also if the call ends in a refusal or is cut off; replaces what was kept. */
  keep(facts: object): void
}

export type Tool = { register(server: McpServer, parts: ToolParts): void }

export const text = (description: string): JsonSchema => ({ type: 'string', description })
export const oneOf = (description: string, values: readonly string[]): JsonSchema => ({
  type: 'string',
  enum: [...values],
  description,
})
export const count = (description: string, minimum: number, maximum: number): JsonSchema => ({
  type: 'integer',
  minimum,
  maximum,
  description,
})
export const flag = (description: string): JsonSchema => ({ type: 'boolean', description })
export const list = (items: JsonSchema, description: string): JsonSchema => ({
  type: 'array',
  items,
  description,
})
export const record = (fields: Fields, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties: { ...fields },
  required: [...required],
})

/** Resolves as the work does, or rejects with why the agent is not served any more. [MC-1] */
export const whileServed = async <T>(gone: AbortSignal, work: () => Promise<T>): Promise<T> => {
  gone.throwIfAborted()
  const cut = Promise.withResolvers<never>()
  const onGone = () => cut.reject(gone.reason)
  gone.addEventListener('abort', onGone)
  try {
    return await Promise.race([work(), cut.promise])
  } finally {
    gone.removeEventListener('abort', onGone)
  }
}

const progressOf = ({ mcpReq }: ServerContext): ToolCall['progress'] => {
  const progressToken = mcpReq._meta?.progressToken
  let progress = 0
  return (message) => {
    if (progressToken === undefined) return
    progress += 1
    const params = { progressToken, progress, message }
    void mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
  }
}

/** What is wrong with arguments, with what may stand there where that is a choice. */
const wrongWith = (fields: Fields, { message }: { message: string }): string => {
  const name = /^data\/(\w+)/.exec(message)?.[1] ?? ''
  const { enum: choices } = Object(fields[name]) as { enum?: readonly string[] }
  const words = message.replace(/^data\//, '').replace(/^data must/, 'they must')
  return choices ? `${words}: ${choices.join(', ')}` : words
}

/**
 * Reads arguments. The library would refuse them without a code and, of what is too much, without
 * its name; so it is only told what they are. [MC-3]
 */
const argumentsOf = <Args extends object>(fields: Fields, required: readonly string[]) => {
  const strict = fromJsonSchema<Args>({
    ...(record(fields, required) as object),
    additionalProperties: false,
  })
  const rules = strict['~standard']
  return {
    schema: {
      '~standard': { ...rules, validate: (value: unknown) => ({ value: value as Args }) },
    } as typeof strict,
    read: async (given: object): Promise<Args> => {
      const read = await rules.validate(given)
      if (!read.issues) return read.value
      const unknown = Object.keys(given).filter((name) => !Object.hasOwn(fields, name))
      const wrong = read.issues.map((issue) => wrongWith(fields, issue)).join('; ')
      const needs = required.length > 0 ? `; needed: ${required.join(', ')}` : ''
      const takes = `It takes ${Object.keys(fields).join(', ') || 'nothing'}${needs}.`
      throw new ToolRefused(
        'invalid_request',
        unknown.length > 0
          ? `It takes no ${unknown.join(', ')}. ${takes}`
          : `The arguments do not fit: ${wrong}. ${takes}`,
      )
    },
  }
}

/**
 * Defines a tool. What it answers goes out as structured content and, for clients that read text
 * only, as the same JSON; a refusal is an error result with the relay’s code and sentence. [MC-3]
 */
export const tool = <Args extends object>(
  name: string,
  about: {
    title: string
    description: string
    /** `read` changes nothing; `act` has a session or its agent do something. */
    kind: 'read' | 'act'
    input: Fields
    required?: readonly string[]
    output: Fields
    always: readonly string[]
  },
  run: (parts: ToolParts, args: Args, call: ToolCall) => Promise<object>,
): Tool => {
  const isReading = about.kind === 'read'
  // Made once: a server is made for every call over HTTP, and a schema is costly to read.
  const { schema, read } = argumentsOf<Args>(about.input, about.required ?? [])
  const described = {
    title: about.title,
    description: about.description,
    inputSchema: schema,
    outputSchema: fromJsonSchema(record(about.output, about.always)),
    annotations: {
      readOnlyHint: isReading,
      destructiveHint: !isReading,
      idempotentHint: isReading,
      openWorldHint: !isReading,
    },
  }
  return {
    register: (server, parts) => {
      server.registerTool(name, described, async (given: Args, context: ServerContext) => {
        const { gone } = parts
        const signal = AbortSignal.any([context.mcpReq.signal, gone])
        let kept: object = {}
        const keep = (facts: object) => {
          kept = facts
        }
        try {
          const args = await read(given)
          const call = { signal, progress: progressOf(context), keep }
          const answer = await whileServed(gone, () => run(parts, args, call))
          const structuredContent = { ...answer }
          return {
            content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }],
            structuredContent,
          }
        } catch (error) {
          const refusal = { ...refusalOf(error), ...kept }
          return {
            isError: true,
            content: [{ type: 'text' as const, text: JSON.stringify({ error: refusal }) }],
          }
        }
      })
    },
  }
}
