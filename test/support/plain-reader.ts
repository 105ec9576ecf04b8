import type { EventDraft, PermissionId } from '@bellhop/core'
import type {
  OpenPrompt,
  Reading,
  SessionReader,
} from '../../apps/relay/src/sources/claude-cloud/parts.ts'
import { sessionIdOf } from '../../apps/relay/src/sources/claude-cloud/session-names.ts'

const at = (ms: number) => new Date(ms).toISOString()
const nothing = (): Reading => ({ drafts: [], observed: [], signals: [] })

/** Tells each event’s text as a message, a `prompt` as a permission, and rows as facts. */
export const openPlainReader = (about: { suffix: string; saved?: string }): SessionReader => {
  const sessionId = sessionIdOf(about.suffix)
  const saved = JSON.parse(about.saved ?? '{}') as {
    last?: number
    first?: number
    row?: string
    prompts?: [PermissionId, OpenPrompt][]
    ids?: string[]
  }
  let last = saved.last ?? 0
  let first = saved.first
  let told = saved.row
  const prompts = new Map(saved.prompts ?? [])
  const ids = new Set(saved.ids ?? [])
  const draft = (fields: Record<string, unknown>) =>
    ({ sessionId, at: at(0), ...fields }) as unknown as EventDraft
  return {
    sessionId,
    get lastSequence() {
      return last
    },
    get firstSequence() {
      return first
    },
    prompts,
    isTurnOpen: false,
    settlesAtMs: undefined,
    settle: nothing,
    read: (event) => {
      const { sequence, eventId, payload } = event
      if (ids.has(eventId) || (sequence !== undefined && sequence <= last)) return nothing()
      ids.add(eventId)
      if (sequence !== undefined) {
        last = sequence
        first ??= sequence
      }
      if (typeof payload.prompt === 'string') {
        const permissionId = `per_${payload.prompt}` as PermissionId
        prompts.set(permissionId, { permissionId, requestId: payload.prompt } as OpenPrompt)
        const fields = { type: 'permission.requested', permissionId, dedupeKey: eventId }
        return { ...nothing(), drafts: [draft(fields)] }
      }
      const text = String(payload.text ?? '')
      const fields = { type: 'message.agent', messageId: eventId, text, dedupeKey: eventId }
      return { ...nothing(), drafts: text ? [draft(fields)] : [] }
    },
    readRow: (row) => {
      const text = JSON.stringify([row.title, row.isArchived])
      if (text === told) return nothing()
      const isNew = told === undefined
      told = text
      const type = row.isArchived ? 'session.ended' : isNew ? 'session.started' : 'session.changed'
      return { ...nothing(), drafts: [draft({ type, title: row.title, dedupeKey: text })] }
    },
    readEphemeral: (payload) => ({
      ...nothing(),
      signals: [{ type: 'text.partial', sessionId, text: String(payload.text) }],
    }),
    readDelivery: ({ eventId, status }) => ({
      ...nothing(),
      observed: [{ kind: 'delivery', eventId, status }],
    }),
    readPending: nothing,
    expect: () => {},
    joinTo: nothing,
    save: () =>
      JSON.stringify({ last, first, row: told, prompts: [...prompts], ids: [...ids].slice(-600) }),
  }
}
