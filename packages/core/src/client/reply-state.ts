import { bareWords } from '../agent-words.ts'
import type { CommandStage } from '../events/command.ts'
import type { EventOf, SessionEvent } from '../events/index.ts'
import type { CommandId, PermissionId } from '../ids.ts'
import type { OpenPermission } from '../session.ts'

/** What became of the turn a message was for. */
export type ReplyEnd =
  | { outcome: 'finished' | 'interrupted' }
  | { outcome: 'failed' | 'ended'; error: string }
  | { outcome: 'refused'; code: string; text: string }
  | { outcome: 'blocked'; wait: Pick<OpenPermission, 'permissionId' | 'ask'> }

/** What has been seen of a message on its way and of the answer to it. */
export type ReplyState = {
  commandId: CommandId
  /** Its words, by which a record that names no command is known; empty where nobody knows them. */
  text: string
  /** The session was at rest when it was sent, so that the next turn is the one it began. */
  wasIdle: boolean
  /** The record holds the message. */
  isHeard: boolean
  /** The turn under way answers it. */
  isBegun: boolean
  /** The newest turn may be its own; what is said in it is kept until that is known. */
  isFresh: boolean
  /** When that turn began, nobody else’s message was known to be ahead. */
  wasNext: boolean
  /** The relay has said that the session took it. */
  isSettled: boolean
  /** Somebody else’s message came before it and has not been begun with. */
  isBehind: boolean
  stage?: CommandStage
  /** The relay has taken it, so what blocks the session blocks it too. */
  isTaken: boolean
  /** The agent’s words since, by message, oldest first: one told again replaces itself. */
  said: ReadonlyMap<string, string>
  waits: ReadonlyMap<PermissionId, OpenPermission['ask']>
  /** The permission it is held under until a person says yes: what happens meanwhile is not about it. */
  heldAs?: PermissionId
  /** How a turn ended that may have been its own. */
  maybeEnd?: ReplyEnd
  end?: ReplyEnd
}

/** Messages of one reply; of more, the newest are kept. [I6] */
const SAID_MAX = 500

/** Terminals trim what is typed, and turn tabs to spaces. */
const plain = (words: string): string => words.replaceAll(/\s+/g, ' ').trim()

/** What an agent wants of the session holds nothing up. [HC-3] */
const blocks = ({ ask }: Pick<OpenPermission, 'ask'>): boolean => ask.kind !== 'agent'

export const startReply = (sent: {
  commandId: CommandId
  text: string
  wasIdle: boolean
  waits: readonly Pick<OpenPermission, 'permissionId' | 'ask'>[]
}): ReplyState => ({
  commandId: sent.commandId,
  text: plain(sent.text),
  wasIdle: sent.wasIdle,
  isHeard: false,
  isBegun: false,
  isFresh: false,
  wasNext: false,
  isSettled: false,
  isBehind: false,
  isTaken: false,
  said: new Map(),
  waits: new Map(sent.waits.filter(blocks).map(({ permissionId, ask }) => [permissionId, ask])),
})

/** The relay has taken the message. Pure. */
export const takenReply = (state: ReplyState): ReplyState => blocked({ ...state, isTaken: true })

/** The agent’s words to the message, as far as they have come. */
export const replyWords = ({ said }: ReplyState): string[] => [...said.values()]

/** Nothing goes on while something is asked, be it of an earlier turn. */
const blocked = (state: ReplyState): ReplyState => {
  const [first] = state.waits
  if (state.end || state.heldAs !== undefined || !state.isTaken || !first) return state
  const [permissionId, ask] = first
  return { ...state, end: { outcome: 'blocked', wait: { permissionId, ask } } }
}

/**
 * Folds the next event of the session into what is known of the reply. The turn that counts is the
 * one in which the message was worked on: not one under way before it, and not one of another
 * message that was ahead of it. Pure.
 */
export const foldReply = (state: ReplyState, event: SessionEvent): ReplyState => {
  if (state.end) return state
  if ('subagent' in event && event.subagent && event.type !== 'permission.requested') {
    return event.type === 'permission.resolved' ? without(state, event.permissionId) : state
  }
  if (state.heldAs !== undefined) return foldHeld(state, event)
  switch (event.type) {
    case 'message.person':
      return foldPerson(state, event)
    case 'command.progressed':
      return event.commandId === state.commandId ? foldStage(state, event.stage) : state
    case 'command.settled':
      if (event.commandId !== state.commandId) return state
      if (event.outcome !== 'refused') return settled(state)
      return {
        ...state,
        end: { outcome: 'refused', code: event.code ?? 'internal', text: event.text ?? '' },
      }
    case 'turn.started':
      return foldBegin(state)
    case 'message.agent':
      return isAnswering(state) || (state.isFresh && !state.maybeEnd) ? say(state, event) : state
    case 'turn.ended': {
      const end = endOf(event)
      if (isAnswering(state) || isBelieved(state)) return { ...state, end }
      return state.isFresh ? { ...state, maybeEnd: end } : state
    }
    case 'session.ended':
      return { ...state, end: { outcome: 'ended', error: event.text ?? event.reason } }
    case 'permission.requested': {
      if (!blocks(event)) return held(state, event)
      const waits = new Map(state.waits).set(event.permissionId, event.ask)
      return blocked({ ...state, waits })
    }
    case 'permission.resolved':
      return without(state, event.permissionId)
    default:
      return state
  }
}

const held = (state: ReplyState, event: EventOf<'permission.requested'>): ReplyState => {
  const { ask, permissionId } = event
  const isOwn = ask.kind === 'agent' && ask.command.commandId === state.commandId
  return isOwn ? { ...state, heldAs: permissionId } : state
}

/** The message has not been sent yet: all that counts is how it will find the session. */
const foldHeld = (state: ReplyState, event: SessionEvent): ReplyState => {
  switch (event.type) {
    case 'permission.resolved': {
      if (event.permissionId !== state.heldAs) return without(state, event.permissionId)
      const { heldAs: _, ...sent } = state
      return blocked(sent)
    }
    case 'permission.requested':
      return blocks(event)
        ? { ...state, waits: new Map(state.waits).set(event.permissionId, event.ask) }
        : state
    case 'command.settled':
    case 'session.ended': {
      const { heldAs: _, ...sent } = state
      return foldReply(sent, event)
    }
    case 'turn.started':
      return { ...state, wasIdle: false }
    case 'turn.ended':
      return { ...state, wasIdle: true }
    default:
      return state
  }
}

const foldPerson = (state: ReplyState, event: EventOf<'message.person'>): ReplyState => {
  const { causedBy, text } = event
  const isUnnamed =
    causedBy === undefined && state.text !== '' && plain(bareWords(text)) === state.text
  if (causedBy === state.commandId || (isUnnamed && !state.isHeard)) {
    // What is known by its words alone is the agent’s own record, so it is being worked on.
    const isBegun = state.isBegun || (isUnnamed && state.stage !== undefined)
    const heard = state.maybeEnd && !state.isHeard ? notItsOwn(state) : state
    return blocked({ ...heard, isHeard: true, isTaken: true, isBegun })
  }
  // Somebody else spoke first: the turn is theirs, and so is the next.
  return state.isHeard ? state : { ...notItsOwn(state), wasIdle: false, isBehind: true }
}

const notItsOwn = ({ maybeEnd: _, ...state }: ReplyState): ReplyState => ({
  ...state,
  isFresh: false,
  said: new Map(),
})

const foldStage = (state: ReplyState, stage: CommandStage): ReplyState => {
  if (stage === 'stored' || stage === 'received') {
    if (state.isBegun) return state
    // It only waits, so a turn that has begun was another’s; nobody has to guess any more.
    return { ...(state.isHeard ? state : notItsOwn(state)), stage }
  }
  const begun = { ...state, stage, isHeard: true, isBegun: true }
  // Done with, and no turn has begun since the last one ended: that one was its own.
  return stage === 'processed' && state.maybeEnd ? { ...begun, end: state.maybeEnd } : begun
}

const foldBegin = (state: ReplyState): ReplyState => {
  if (isAnswering(state)) return state
  const { isHeard, isBehind, wasIdle, stage } = state
  return {
    ...notItsOwn(state),
    isFresh: isHeard || (wasIdle && stage === undefined),
    wasNext: !isBehind,
    isBehind: false,
  }
}

/** It was taken: a turn that no record named came of it, where the session was at rest. */
const settled = (state: ReplyState): ReplyState => {
  const { maybeEnd, isHeard, stage } = state
  const isOwn = maybeEnd && !isHeard && stage === undefined
  return { ...state, isSettled: true, ...(isOwn && { end: maybeEnd }) }
}

const say = (state: ReplyState, event: EventOf<'message.agent'>): ReplyState => {
  const said = new Map(state.said).set(event.messageId, event.text)
  for (const oldest of said.keys()) {
    if (said.size <= SAID_MAX) break
    said.delete(oldest)
  }
  return { ...state, said }
}

const endOf = ({ outcome, error }: EventOf<'turn.ended'>): ReplyEnd =>
  outcome === 'failed' ? { outcome, error: error ?? 'It did not say why.' } : { outcome }

const without = (state: ReplyState, permissionId: PermissionId): ReplyState => {
  const waits = new Map(state.waits)
  waits.delete(permissionId)
  return { ...state, waits }
}

/** Whether the turn under way is the message’s: it began after it, or took it in as it went. */
const isAnswering = ({ isBegun, isHeard, stage, maybeEnd }: ReplyState): boolean =>
  (isBegun && !maybeEnd) || (isHeard && stage === undefined)

/** Whether a turn that may be the message’s is, of a session that will say no more about it. */
const isBelieved = ({ isFresh, wasNext, isHeard, isSettled, stage }: ReplyState): boolean =>
  isFresh && (isHeard ? wasNext && stage === 'stored' : isSettled)
