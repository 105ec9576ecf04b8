import type { CloudRow, Connection, Fields, PendingHint, WorkerStatus } from '../cloud-api.ts'
import { asFields } from './answer.ts'
import { fieldsOf, lineOf, listOf, numberOf, present, textOf, timeOf } from './read-fields.ts'
import { readSuffix } from './session-id.ts'

const WORKERS: readonly string[] = ['idle', 'running', 'requires_action']
const CONNECTIONS: readonly string[] = ['connected', 'connecting', 'disconnected']
const MOST_PENDING = 20

/**
 * Reads a row of either family’s list, bare or wrapped, field by field: what is missing or of an odd
 * shape is absent. Undefined when it names no session.
 */
export const readRow = (value: unknown): CloudRow | undefined => {
  const row = unwrapped(value)
  const suffix = readSuffix(row?.id)
  if (!row || suffix === undefined) return undefined
  const config = fieldsOf(row.config) ?? {}
  const context = fieldsOf(row.session_context) ?? {}
  const metadata = fieldsOf(row.external_metadata) ?? {}
  const status = row.status ?? row.session_status
  return {
    suffix,
    isArchived: status === 'archived',
    worker: workerOf(row),
    connection: oneOf<Connection>(CONNECTIONS, row.connection_status),
    kind: kindOf(row),
    isUnread: row.unread === true || row.unread === 'true',
    pending: pendingOf(metadata),
    ...present({
      title: lineOf(row.title),
      environmentId: textOf(row.environment_id),
      cwd: lineOf(config.cwd) ?? lineOf(context.cwd),
      branch: branchOf(metadata, config, context),
      repository: repositoryOf(config) ?? repositoryOf(context),
      model:
        lineOf(metadata.model) ??
        lineOf(config.model) ??
        lineOf(context.model) ??
        lineOf(metadata.last_served_model),
      permissionMode: lineOf(metadata.permission_mode) ?? lineOf(config.permission_mode),
      contextUsed: contextUsedOf(metadata.context_usage),
      costUsd: costOf(metadata.usage),
      lastLine: lastLineOf(metadata, row),
      createdAtMs: timeOf(row.created_at),
      lastEventAtMs: timeOf(row.last_event_at) ?? timeOf(row.updated_at),
    }),
  }
}

const unwrapped = (value: unknown): Fields | undefined => {
  const fields = asFields(value)
  if (!fields || typeof fields.id === 'string') return fields
  return asFields(fields.response_shape) ?? asFields(fields.session) ?? fields
}

const oneOf = <Word extends string>(words: readonly string[], value: unknown): Word | 'unknown' =>
  typeof value === 'string' && words.includes(value) ? (value as Word) : 'unknown'

const workerOf = ({ worker_status, session_status }: Fields): WorkerStatus => {
  const worker = oneOf<WorkerStatus>(WORKERS, worker_status)
  return worker === 'unknown' ? oneOf<WorkerStatus>(WORKERS, session_status) : worker
}

const kindOf = ({ environment_kind: kind, tags }: Fields): CloudRow['kind'] => {
  if (kind === 'bridge') return 'bridge'
  if (kind === 'anthropic_cloud' || kind === 'byoc') return 'cloud'
  return listOf(tags).includes('remote-control-repl') ? 'bridge' : 'unknown'
}

const gitOf = (config: Fields): Fields | undefined =>
  listOf(config.outcomes)
    .map((outcome) => fieldsOf(fieldsOf(outcome)?.git_info))
    .find((git) => git !== undefined)

const firstLine = (value: unknown): string | undefined => lineOf(listOf(value)[0])

const branchOf = (metadata: Fields, ...configs: readonly Fields[]): string | undefined => {
  const current = metadata.current_branches
  const now = firstLine(current) ?? lineOf(Object.values(asFields(current) ?? {})[0])
  if (now !== undefined) return now
  for (const config of configs) {
    const branch = firstLine(gitOf(config)?.branches)
    if (branch !== undefined) return branch
  }
  return undefined
}

const repositoryOf = (config: Fields): string | undefined =>
  lineOf(gitOf(config)?.repo) ??
  listOf(config.sources)
    .map((source) => lineOf(fieldsOf(source)?.url))
    .find((url) => url !== undefined)

/** How full the context is, from 0 to 1. */
const contextUsedOf = (value: unknown): number | undefined => {
  const usage = fieldsOf(value)
  const used = numberOf(usage?.used_tokens)
  const most = numberOf(usage?.max_tokens)
  if (used === undefined || most === undefined || used < 0 || most <= 0) return undefined
  return Math.min(1, used / most)
}

const costOf = (value: unknown): number | undefined => {
  const cost = numberOf(fieldsOf(value)?.cost_usd)
  return cost !== undefined && cost >= 0 ? cost : undefined
}

const lastLineOf = (metadata: Fields, row: Fields): string | undefined => {
  const summary = metadata.post_turn_summary ?? row.post_turn_summary
  const fields = fieldsOf(summary)
  return (
    lineOf(fields?.status_detail) ??
    lineOf(fields?.recent_action) ??
    (fields ? undefined : lineOf(summary)) ??
    lineOf(metadata.task_summary) ??
    lineOf(metadata.recap)
  )
}

/** For questions and plans the id stands in a place of its own. */
const hintOf = (value: unknown): PendingHint | undefined => {
  const action = fieldsOf(value)
  const requestId = textOf(action?.request_id) ?? textOf(action?.suppressed_request_id)
  if (requestId === undefined) return undefined
  return {
    requestId,
    ...present({ toolName: lineOf(action?.tool_name), toolUseId: textOf(action?.tool_use_id) }),
  }
}

const pendingOf = (metadata: Fields): readonly PendingHint[] => {
  const hints = new Map<string, PendingHint>()
  const actions = [...listOf(metadata.pending_actions).slice(0, MOST_PENDING)]
  for (const action of [...actions, metadata.pending_action]) {
    const hint = hintOf(action)
    if (hint) hints.set(hint.requestId, hint)
  }
  return [...hints.values()]
}
