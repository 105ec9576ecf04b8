import type { Fields } from '../../session-api/types.ts'
import { marksIn } from './soak-script.ts'
import type { SoakSeat } from './soak-stage.ts'

/** Who decided a prompt, by what the workers did, not by what anybody was told. */
export interface DecidedPrompt {
  requestId: string
  /** The words only this prompt holds. */
  mark: string
  winner: {
    /**
     * `nobody`: it was taken back. `gone`: its worker ended, or an interrupt was there just before an
     * answer, so that what was answered came to nothing though it got there.
     */
    who: 'client' | 'desk' | 'nobody' | 'gone' | 'open'
    behavior?: string
    /** The uuid the answer that counted was posted under. */
    uuid?: string
  }
}

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const responseIn = (payload: Fields) => fields(payload.response)

const winnerOf = (seat: SoakSeat, requestId: string): DecidedPrompt['winner'] => {
  const { session, worker, gone } = seat
  const counted = [worker, ...gone]
    .flatMap(({ answers }) => answers)
    .filter((one) => one.requestId === requestId)
  if (counted.length > 1) throw new Error(`A worker took two answers to ${requestId}`)
  const [taken] = counted
  if (taken) {
    const posted = session.sent.find(({ payload }) => responseIn(payload).response === taken.answer)
    return {
      who: 'client',
      behavior: String(taken.answer.behavior),
      ...(posted && { uuid: posted.eventId }),
    }
  }
  const own = session.events.find(
    ({ source, payload }) =>
      source === 'worker' &&
      payload.type === 'control_response' &&
      responseIn(payload).request_id === requestId,
  )
  const answer = fields(responseIn(own?.payload ?? {}).response)
  if (own && answer.message !== 'User aborted')
    return { who: 'desk', behavior: String(answer.behavior) }
  const isAnswered = session.sent.some(
    ({ payload }) => responseIn(payload).request_id === requestId,
  )
  if (own && isAnswered) return { who: 'gone' }
  if (!own && gone.some(({ pending }) => pending?.requestId === requestId)) return { who: 'gone' }
  return { who: worker.pending?.requestId === requestId ? 'open' : 'nobody' }
}

/** Every prompt of a session and who decided it. */
export const promptsOf = (seat: SoakSeat): DecidedPrompt[] =>
  seat.session.events.flatMap(({ source, payload }) => {
    const request = fields(payload.request)
    if (source !== 'worker' || request.subtype !== 'can_use_tool') return []
    const requestId = String(payload.request_id)
    const [mark = ''] = marksIn(JSON.stringify(request.input))
    return [{ requestId, mark, winner: winnerOf(seat, requestId) }]
  })
