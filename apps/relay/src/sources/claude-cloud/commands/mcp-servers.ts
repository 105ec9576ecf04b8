import { randomUUID } from 'node:crypto'
import { BOUNDS, cut, type McpServer, RelayError } from '@bellhop/core'
import { fieldsOf, listOf, textOf } from '../../../claude-format/lines.ts'
import type { Timing } from '../../../clock.ts'
import type { FollowedSession } from '../parts.ts'
import { queryWorker, resultOf } from './ask-worker.ts'
import { patienceFor } from './patience.ts'
import { refusal } from './refusals.ts'

const most = 200
const line = (text: string) => cut(text, BOUNDS.line).text

/** Asks a session which MCP servers it has. Throws `source_unreachable` when it does not say. */
export const mcpServers = async (
  session: FollowedSession,
  { timing }: { timing: Timing },
  signal: AbortSignal,
): Promise<readonly McpServer[]> => {
  const { waitMs, why } = patienceFor(session.row)
  if (why === 'away') throw new RelayError('source_unreachable')
  const ids = { uuid: randomUUID(), requestId: randomUUID() }
  const response = await queryWorker(
    session,
    { subtype: 'mcp_status' },
    { ids, waitMs, timing },
    signal,
  )
  if (!response) {
    throw refusal('source_unreachable', 'The session has not said which MCP servers it has.')
  }
  const result = resultOf(response)
  return listOf(result.mcpServers ?? result.mcp_servers)
    .slice(0, most)
    .flatMap((value) => {
      const fields = fieldsOf(value) ?? {}
      const name = textOf(fields.name)
      if (!name) return []
      const detail = textOf(fields.error) ?? textOf(fields.scope)
      return {
        name: line(name),
        status: line(textOf(fields.status) ?? 'unknown'),
        ...(detail && { detail: line(detail) }),
      }
    })
}
