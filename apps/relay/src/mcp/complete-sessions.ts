import type { McpServer } from '@modelcontextprotocol/server'
import { matchingSessions } from './session-resources.ts'
import { SESSION_TEMPLATE } from './session-uris.ts'
import { SUPERVISE } from './supervise-prompt.ts'
import type { ToolParts } from './tool.ts'

const VALUES_MAX = 100

/** Completes a session’s id, in the template of resources and in the prompt. [MC-11] [MC-12] */
export const completeSessions = (server: McpServer, parts: ToolParts): void => {
  server.server.setRequestHandler('completion/complete', async ({ params }, { mcpReq }) => {
    const { ref, argument } = params
    const isOurs =
      ref.type === 'ref/resource' ? ref.uri === SESSION_TEMPLATE : ref.name === SUPERVISE
    if (!isOurs || argument.name !== 'sessionId') return { completion: { values: [] } }
    // A completion that cannot be made is none, and no failure.
    const found = await matchingSessions(parts, argument.value, mcpReq.signal).catch(() => [])
    const values = found.slice(0, VALUES_MAX)
    return { completion: { values, total: found.length, hasMore: found.length > values.length } }
  })
}
