import type { EventDraft, PermissionId } from '@bellhop/core'
import type { CloudRow, Fields } from '../../apps/relay/src/sources/claude-cloud/cloud-api.ts'
import type {
  FollowedSession,
  Observed,
  OpenPrompt,
  Reading,
  SentNote,
  SessionReader,
} from '../../apps/relay/src/sources/claude-cloud/parts.ts'
import { sessionIdOf } from '../../apps/relay/src/sources/claude-cloud/session-names.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A followed cloud session a test plays by hand: it says what the test says and notes what it is sent. */
export interface ScriptedCloudSession extends FollowedSession {
  row: CloudRow | undefined
  road: FollowedSession['road']
  readonly reader: Omit<SessionReader, 'isTurnOpen'> & { isTurnOpen: boolean }
  readonly sent: readonly Fields[]
  readonly drafts: readonly EventDraft[]
  readonly notes: readonly SentNote[]
  /** What the reader was joined to, in order. */
  readonly joined: readonly unknown[]
  /** The rows the reader was handed. */
  readonly rows: readonly CloudRow[]
  /** What `initialize` listed, in order. */
  readonly pendings: readonly (readonly unknown[])[]
  /** How many hold it live just now. */
  readonly holds: number
  /** How often something waits to hear something. */
  readonly listeners: number
  say(observed: Observed): void
  ask(prompt: Partial<OpenPrompt> & Pick<OpenPrompt, 'toolName' | 'input'>): OpenPrompt
  /** Over with, as its reader hears it. */
  resolve(prompt: OpenPrompt, by: 'here' | 'elsewhere' | 'desk' | 'nobody'): void
  /** Called when the reader is to say what time has decided. */
  onSettle: () => void
  /** Called for each send; throws to make it fail. */
  onSend: (payload: Fields) => void
}

export const cloudRow = (fields: Partial<CloudRow> = {}): CloudRow => ({
  suffix: '01Abc',
  isArchived: false,
  worker: 'idle',
  connection: 'connected',
  kind: 'bridge',
  isUnread: false,
  pending: [],
  ...fields,
})

const nothing: Reading = { drafts: [], observed: [], signals: [] }

export const createScriptedCloudSession = (
  time: VirtualTime,
  row: Partial<CloudRow> = {},
): ScriptedCloudSession => {
  const sent: Fields[] = []
  const drafts: EventDraft[] = []
  const notes: SentNote[] = []
  const joined: unknown[] = []
  const rows: CloudRow[] = []
  const pendings: (readonly unknown[])[] = []
  const prompts = new Map<PermissionId, OpenPrompt>()
  const watchers = new Set<(observed: Observed) => void>()
  let holds = 0
  const first = cloudRow(row)
  const sessionId = sessionIdOf(first.suffix)

  const settled = () => session.onSettle()
  const session: ScriptedCloudSession = {
    suffix: first.suffix,
    sessionId,
    row: first,
    road: 'stream',
    sent,
    drafts,
    notes,
    joined,
    rows,
    pendings,
    get holds() {
      return holds
    },
    get listeners() {
      return watchers.size
    },
    reader: {
      sessionId,
      lastSequence: 0,
      firstSequence: undefined,
      prompts,
      isTurnOpen: false,
      read: () => nothing,
      readRow: (given) => {
        rows.push(given)
        return nothing
      },
      readEphemeral: () => nothing,
      readDelivery: () => nothing,
      readPending: (requests) => {
        pendings.push(requests)
        return nothing
      },
      expect: (note) => void notes.push(note),
      joinTo: (into) => {
        joined.push(into)
        return nothing
      },
      settle: () => {
        settled()
        return nothing
      },
      settlesAtMs: undefined,
      save: () => '',
    },
    append: async (given) => void drafts.push(...given),
    take: async (reading) => void drafts.push(...reading.drafts),
    observe: (fits, waitMs, signal) => {
      const found = Promise.withResolvers<ReturnType<typeof fits>>()
      const watch = (observed: Observed) => {
        const fit = fits(observed)
        if (fit !== undefined) found.resolve(fit)
      }
      watchers.add(watch)
      void time.wait(waitMs, signal).then(() => found.resolve(undefined))
      return found.promise.finally(() => watchers.delete(watch))
    },
    stayLive: () => {
      holds += 1
      return {
        [Symbol.dispose]: () => {
          holds -= 1
        },
      }
    },
    onSend: () => {},
    onSettle: () => {},
    send: async (payloads) => {
      for (const payload of payloads) {
        session.onSend(payload)
        sent.push(payload)
      }
    },
    say: (observed) => {
      for (const watch of [...watchers]) watch(observed)
    },
    ask: (prompt) => {
      const requestId = prompt.requestId ?? `req-${prompts.size + 1}`
      const made: OpenPrompt = {
        permissionId: `per_${requestId}` as PermissionId,
        requestId,
        suggestions: [],
        ask: { kind: 'plan', plan: '', modes: [] },
        ...prompt,
      }
      prompts.set(made.permissionId, made)
      return made
    },
    resolve: ({ permissionId }, by) => {
      prompts.delete(permissionId)
      session.say({ kind: 'resolved', permissionId, by })
    },
  }
  return session
}
