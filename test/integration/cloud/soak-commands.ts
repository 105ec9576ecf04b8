import type { SessionEvent } from '@bellhop/core'
import { uuidFor } from '../../../apps/relay/src/sources/claude-cloud/commands/event-ids.ts'
import type { Fields, StoredEvent } from '../../session-api/types.ts'
import { promptsOf } from './soak-prompts.ts'
import type { SentCommand, SoakSeat, SoakStage } from './soak-stage.ts'

type Settled = Extract<SessionEvent, { type: 'command.settled' }>

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

/** Refusals that say themselves that it may have been done all the same. */
const isInDoubt = ({ text = '' }: Settled) => /not known whether|may have/.test(text)

const storedUnder = ({ session }: SoakSeat, uuid: string): StoredEvent[] =>
  session.events.filter((event) => event.payload.uuid === uuid && event.source === 'client')

/** Whether the workers really did what the command was for; undefined where nobody can tell. */
const wasDone = (
  seat: SoakSeat,
  { command }: SentCommand,
  { api }: SoakStage['rig'],
): boolean | undefined => {
  const { commandId } = command
  switch (command.type) {
    case 'prompt': {
      const uuid = uuidFor(commandId, 'message')
      const isHeard = [seat.worker, ...seat.gone].some(({ heard }) =>
        heard.some((words) => words.includes(command.text)),
      )
      return storedUnder(seat, uuid).some((event) => isHeard || event.received_at !== undefined)
    }
    case 'decide_permission':
    case 'answer_question':
    case 'decide_plan': {
      const uuid = uuidFor(commandId, 'answer')
      const posted = storedUnder(seat, uuid).map(({ payload }) => fields(payload.response))
      const prompts = promptsOf(seat)
      const isGone = prompts.some(
        ({ requestId, winner }) =>
          winner.who === 'gone' && posted.some(({ request_id: id }) => id === requestId),
      )
      return isGone ? undefined : prompts.some(({ winner }) => winner.uuid === uuid)
    }
    case 'rename':
      return api
        .requestsTo(new RegExp(seat.session.id.slice(4)), 'PUT')
        .some(({ body }) => fields(body).title === command.title)
    default: {
      const requestId = uuidFor(commandId, 'control request')
      return seat.session.events.some(
        ({ source, payload }) =>
          source === 'worker' &&
          fields(payload.response).request_id === requestId &&
          fields(payload.response).subtype === 'success',
      )
    }
  }
}

/** Whether it is with the session, be it that its worker has not taken it. */
const isStored = (seat: SoakSeat, { command: { commandId } }: SentCommand): boolean =>
  ['message', 'answer', 'control'].some(
    (use) => storedUnder(seat, uuidFor(commandId, use)).length > 0,
  )

const liesOf = (
  stage: SoakStage,
  seat: SoakSeat,
  sent: SentCommand,
  ends: readonly Settled[],
): string | undefined => {
  const [end] = ends
  if (!end || ends.length > 1) return `was settled ${ends.length} times`
  if (!sent.receipt || sent.isOpen) return 'has no receipt'
  const { state } = sent.receipt
  if (state !== 'pending' && state !== end.outcome) return `was told ${state}`
  const isDone = wasDone(seat, sent, stage.rig)
  switch (end.outcome) {
    case 'done':
      return isDone === false ? 'was not done' : undefined
    case 'refused':
      return isDone && !isInDoubt(end) ? 'was done' : undefined
    case 'unconfirmed':
      return isStored(seat, sent) ? undefined : 'is not stored'
  }
}

/** What is not so of what the phones were told of the commands for a session. */
export const commandLies = (
  stage: SoakStage,
  seat: SoakSeat,
  events: readonly SessionEvent[],
): string[] =>
  stage.commands
    .filter(({ command }) => command.sessionId === seat.id)
    .flatMap((sent) => {
      const { commandId } = sent.command
      const ends = events.filter(
        (event): event is Settled =>
          event.type === 'command.settled' && event.commandId === commandId,
      )
      const lie = liesOf(stage, seat, sent, ends)
      return lie ? [`command ${JSON.stringify(sent.command)} ${lie}: ${JSON.stringify(ends)}`] : []
    })
