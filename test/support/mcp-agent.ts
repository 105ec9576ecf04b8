import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AGENT_SCOPES } from '@bellhop/core'
import { createRelayClient } from '@bellhop/core/client'
import { readLocalKey } from '@bellhop/relay/local-device'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { mcpSetup } from '../../apps/relay/src/mcp/mcp-setup.ts'
import { lookThrough } from './leak-watch.ts'

const program = join(import.meta.dirname, '../../apps/relay/src/main.ts')

/** How `bellhop mcp` is started from the sources. */
export const mcpCommand = (dataDir: string, name: string, more: readonly string[] = []) => ({
  command: process.execPath,
  args: [program, 'mcp', '--as', name, '--data-dir', dataDir, ...more],
})

export type ToolAnswer = {
  isError: boolean
  // biome-ignore lint/suspicious/noExplicitAny: what a tool answers is what the test looks at.
  value: any
}

/** An agent over the official client, with `bellhop mcp` as a process of its own. */
export interface McpAgent extends AsyncDisposable {
  readonly client: Client
  /** Calls a tool; a refusal is an answer too. */
  call(
    name: string,
    args?: Record<string, unknown>,
    options?: { signal?: AbortSignal; onProgress?: (message: string) => void },
  ): Promise<ToolAnswer>
}

/** The terminal’s own client, as the command line has it. */
export const deskOf = async (dataDir: string, origin: string) => {
  const key = await readLocalKey(dataDir)
  if (!key) throw new TypeError('no relay has run here')
  return createRelayClient({ origin, key })
}

/** Lets an agent in and starts it. */
export const startMcpAgent = async (
  relay: { dataDir: string; origin: string },
  options: {
    name?: string
    scopes?: readonly (typeof AGENT_SCOPES)[number][]
    env?: Record<string, string>
    args?: readonly string[]
  } = {},
): Promise<McpAgent> => {
  const { dataDir, origin } = relay
  const { name = 'desktop', scopes = ['watch', 'answer', 'drive'], env = {}, args = [] } = options
  await mcpSetup.add({
    dataDir,
    desk: await deskOf(dataDir, origin),
    name,
    scopes,
    asksFirst: false,
  })
  return connectMcpAgent(dataDir, name, env, args)
}

/** Starts an agent that is in already. */
export const connectMcpAgent = async (
  dataDir: string,
  name: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<McpAgent> => {
  const transport = new StdioClientTransport({
    ...mcpCommand(dataDir, name, args),
    env: { PATH: process.env.PATH ?? '', HOME: dataDir, ...env },
    stderr: 'pipe',
  })
  let errors = ''
  transport.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(transport)
  return {
    client,
    call: async (tool, args = {}, { signal, onProgress } = {}) => {
      const result = await client.callTool(
        { name: tool, arguments: args },
        {
          timeout: 60_000,
          ...(signal && { signal }),
          ...(onProgress && { onprogress: ({ message }) => onProgress(message ?? '') }),
        },
      )
      const [first] = result.content
      const said = first?.type === 'text' ? first.text : ''
      lookThrough('log', `mcp ${tool}`, said)
      if (result.isError) return { isError: true, value: JSON.parse(said).error }
      return { isError: false, value: result.structuredContent }
    },
    [Symbol.asyncDispose]: async () => {
      await client.close()
      lookThrough('log', 'mcp errors', errors)
    },
  }
}

export const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'))
