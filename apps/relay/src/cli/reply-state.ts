import type {
  CommandId,
  CommandStage,
  OpenPermission,
  PermissionId,
  SessionEvent,
} from '@bellhop/core'

/** What became of the turn a message was for. */
export type ReplyEnd =
  | { outcome: 'finished' | 'interrupted' | 'ended' }
  | { outcome: 'failed'; error: string }
  | { outcome: 'refused'; code: string; text: string }
  | { outcome: 'blocked'; wait: Pick<OpenPermission, 'permissionId' | 'ask'> }

/** What has been seen of a message on its way and of the answer to it. */
export type ReplyState = {
  commandId: CommandId
  text: string
  /** The session was at rest when it was sent, so that the next turn is the one it began. */
  wasIdle: boolean
  /** The record holds the message. */
  isHeard: boolean
  /** The turn that answers it goes on. */
  isBegun: boolean
  stage?: CommandStage
  /** The relay has taken it, so what blocks the session blocks it too. */
  isTaken: boolean
  /** The agent’s words since, oldest first. */
  messages: readonly string[]
  waits: ReadonlyMap<PermissionId, OpenPermission['ask']>
  end?: ReplyEnd
}

export const startReply = (sent: {
  commandId: CommandId
  text: string
  wasIdle: boolean
  waits: readonly Pick<OpenPermission, 'permissionId' | 'ask'>[]
}): ReplyState => ({
  commandId: sent.commandId,
  text: sent.text.trim(),
  wasIdle: sent.wasIdle,
  isHeard: false,
  isBegun: false,
  isTaken: false,
  messages: [],
  waits: new Map(sent.waits.map(({ permissionId, ask }) => [permissionId, ask])),
})

/** The relay has taken the message. Pure. */
export const takenReply = (state: ReplyState): ReplyState => blocked({ ...state, isTaken: true })

/** Nothing goes on while something is asked, be it of an earlier turn. */
const blocked = (state: ReplyState): ReplyState => {
  const [first] = state.waits
  if (state.end || !state.isTaken || !first) return state
  const [permissionId, ask] = first
  return { ...state, end: { outcome: 'blocked', wait: { permissionId, ask } } }
}

/**
 * Folds the next event of the session into what is known of the reply. The turn that counts is the
 * one in which the message was worked on, not one that was under way before it. Pure.
 */
export const foldReply = (state: ReplyState, event: SessionEvent): ReplyState => {
  if (state.end) return state
  if ('subagent' in event && event.subagent && event.type !== 'permission.requested') {
    return event.type === 'permission.resolved' ? without(state, event.permissionId) : state
  }
  switch (event.type) {
    case 'message.person': {
      const isOurs =
        event.causedBy === state.commandId ||
        (event.causedBy === undefined && event.text.trim() === state.text)
      if (isOurs) return blocked({ ...state, isHeard: true, isTaken: true })
      // Somebody else spoke first: the next turn is theirs.
      return state.isHeard ? state : { ...state, wasIdle: false, isBegun: false, messages: [] }
    }
    case 'command.progressed': {
      if (event.commandId !== state.commandId) return state
      const isAtWork = event.stage === 'processing' || event.stage === 'processed'
      return {
        ...state,
        stage: event.stage,
        isHeard: state.isHeard || isAtWork,
        isBegun: state.isBegun || isAtWork,
      }
    }
    case 'command.settled':
      if (event.commandId !== state.commandId || event.outcome !== 'refused') return state
      return {
        ...state,
        end: { outcome: 'refused', code: event.code ?? 'internal', text: event.text ?? '' },
      }
    case 'turn.started':
      return state.isHeard || state.wasIdle ? { ...state, isBegun: true } : state
    case 'message.agent':
      return counts(state) ? { ...state, messages: [...state.messages, event.text] } : state
    case 'turn.ended': {
      if (!counts(state)) return state
      const { outcome, error } = event
      const end: ReplyEnd =
        outcome === 'failed' ? { outcome, error: error ?? 'It did not say why.' } : { outcome }
      return { ...state, end }
    }
    case 'session.ended':
      return { ...state, end: { outcome: 'ended' } }
    case 'permission.requested': {
      const waits = new Map(state.waits).set(event.permissionId, event.ask)
      return blocked({ ...state, waits })
    }
    case 'permission.resolved':
      return without(state, event.permissionId)
    default:
      return state
  }
}

const without = (state: ReplyState, permissionId: PermissionId): ReplyState => {
  const waits = new Map(state.waits)
  waits.delete(permissionId)
  return { ...state, waits }
}

/** Whether the turn under way is the message’s: it began after it, or took it in as it went. */
const counts = ({ isBegun, isHeard, stage }: ReplyState): boolean =>
  isBegun || (isHeard && stage !== 'stored' && stage !== 'received')
