import { RelayError } from '@bellhop/core'
import type { McpRequestContext, McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { agentKeyOf, readAgentFile } from './agent-files.ts'
import { createFollower } from './follower.ts'
import { makeServer } from './make-server.ts'
import { createRemoteLink } from './remote-link.ts'
import { createResourceUpdates } from './resource-updates.ts'
import { watchWhileListened } from './stdio-listening.ts'

/**
 * Serves MCP on this process’s standard input and output as one agent, until the input ends. The
 * relay need not run: tools say so while it does not. Refuses with `config_invalid` when there is no
 * such agent. [MC-2] [MC-3]
 */
export const serveAgent = async (options: {
  dataDir: string
  name: string
  /** The session the agent runs in, as its own program calls it. */
  ownSession: string | undefined
}): Promise<void> => {
  const { dataDir, name, ownSession } = options
  const file = await readAgentFile(dataDir, name)
  if (!file) {
    throw new RelayError('config_invalid', {
      why: `There is no agent ${name}. Let it in first: bellhop mcp add --name ${name}`,
    })
  }
  const link = createRemoteLink(dataDir, await agentKeyOf(file))
  using follower = createFollower(link)
  const { signal: gone } = new AbortController()
  using updates = createResourceUpdates(follower)
  const parts = { link, follower, ownSession, gone, updates }
  let server: McpServer | undefined
  const transport = new StdioServerTransport()
  const makeOne = ({ era }: McpRequestContext) => {
    server = makeServer(parts, era)
    return server
  }
  const ended = Promise.withResolvers<void>()
  const handle = serveStdio(makeOne, { transport, onerror: () => {} })
  watchWhileListened(transport, updates, (uri) => {
    void server?.server.sendResourceUpdated({ uri }).catch(() => {})
  })
  process.stdin.once('end', ended.resolve).once('close', ended.resolve)
  await ended.promise
  await handle.close()
}
