import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AGENT_SCOPES } from '@bellhop/core'
import { createRelayClient } from '@bellhop/core/client'
import { readLocalKey } from '@bellhop/relay/local-device'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { mcpSetup } from '../../apps/relay/src/mcp/mcp-setup.ts'
import { lookThrough, watchingFetch } from './leak-watch.ts'

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

/** How an agent reaches the relay: as a process of ours, or over HTTP. */
export type Way = { via: 'stdio' | 'http'; protocol: '2025-11-25' | '2026-07-28' }

export const WAYS: readonly Way[] = [
  { via: 'stdio', protocol: '2025-11-25' },
  { via: 'stdio', protocol: '2026-07-28' },
  { via: 'http', protocol: '2025-11-25' },
  { via: 'http', protocol: '2026-07-28' },
]
const [USUAL] = WAYS as [Way]

/** An agent over the official client. */
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

type RelayPlace = { dataDir: string; origin: string }
type Grants = {
  name?: string
  scopes?: readonly (typeof AGENT_SCOPES)[number][]
  asksFirst?: boolean
}

/** Lets an agent in and answers its name. */
export const addMcpAgent = async (
  { dataDir, origin }: RelayPlace,
  { name = 'desktop', scopes = ['watch', 'answer', 'drive'], asksFirst = false }: Grants = {},
): Promise<string> => {
  const desk = await deskOf(dataDir, origin)
  await mcpSetup.add({ dataDir, desk, name, scopes, asksFirst })
  return name
}

/** Lets an agent in and starts it. */
export const startMcpAgent = async (
  relay: RelayPlace,
  options: Grants & {
    env?: Record<string, string>
    args?: readonly string[]
    way?: Way
  } = {},
): Promise<McpAgent> => {
  const { env = {}, args = [], way = USUAL } = options
  const name = await addMcpAgent(relay, options)
  return way.via === 'stdio'
    ? connectMcpAgent(relay.dataDir, name, env, args, way.protocol)
    : connectHttpAgent(relay, name, way.protocol)
}

/** The token an agent shows over HTTP, as its file has it. */
export const agentToken = async (dataDir: string, name: string): Promise<string> =>
  (await readJson(join(dataDir, 'mcp', `${name}.json`))).token

const newClient = (protocol: Way['protocol']) =>
  new Client(
    { name: 'test', version: '1.0.0' },
    protocol === '2026-07-28' ? { versionNegotiation: { mode: { pin: protocol } } } : {},
  )

const agentOf = (client: Client, end: () => Promise<void>): McpAgent => ({
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
  [Symbol.asyncDispose]: end,
})

/** Connects an agent that is in already over HTTP. */
export const connectHttpAgent = async (
  { dataDir, origin }: RelayPlace,
  name: string,
  protocol: Way['protocol'] = '2025-11-25',
): Promise<McpAgent> => {
  const authorization = `Bearer ${await agentToken(dataDir, name)}`
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', origin), {
    requestInit: { headers: { authorization } },
    fetch: watchingFetch(),
  })
  const client = newClient(protocol)
  await client.connect(transport)
  return agentOf(client, () => client.close())
}

/** Starts an agent that is in already. */
export const connectMcpAgent = async (
  dataDir: string,
  name: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
  protocol: Way['protocol'] = '2025-11-25',
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
  const client = newClient(protocol)
  await client.connect(transport)
  return agentOf(client, async () => {
    await client.close()
    lookThrough('log', 'mcp errors', errors)
  })
}

export const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'))
