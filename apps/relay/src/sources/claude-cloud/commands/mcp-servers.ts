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

/** Each asking stays in the session’s record for good, so one does for all who ask within this time. */
const KEPT_MS = 10_000
const asked = new WeakMap<FollowedSession, { atMs: number; told: Promise<readonly McpServer[]> }>()
const never = new AbortController().signal

/** Asks a session which MCP servers it has. Throws `source_unreachable` when it does not say. */
export const mcpServers = (
  session: FollowedSession,
  { timing }: { timing: Timing },
  signal: AbortSignal,
): Promise<readonly McpServer[]> => {
  const { waitMs, why } = patienceFor(session.row)
  if (why === 'away') return Promise.reject(new RelayError('source_unreachable'))
  const known = asked.get(session)
  if (known && timing.nowMs() - known.atMs < KEPT_MS) return known.told
  if (signal.aborted) return Promise.reject(signal.reason)
  // Others may wait for it too, so it goes on when the first of them leaves. It ends by itself.
  const told = ask(session, { timing, waitMs }, never)
  asked.set(session, { atMs: timing.nowMs(), told })
  return told
}

const ask = async (
  session: FollowedSession,
  { timing, waitMs }: { timing: Timing; waitMs: number },
  signal: AbortSignal,
): Promise<readonly McpServer[]> => {
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
