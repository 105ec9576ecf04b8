import type { AnswerCommand, Session, SessionEvent, ToolDetail } from '@bellhop/core'
import type { EventLog } from './event-log.ts'
import type { Message } from './told-words.ts'

/** A message or an answer, and the ids of all rows of the run it is for. */
export type Sent = { message: Message | AnswerCommand; toIds: ReadonlySet<string> }

/** A call that was just made is among so many of the newest events. */
const LOOK_BACK = 40
const TELLING = /(^|__)(send_message|send_and_wait)$/
const STARTING = /(^|__)start_session$/
const ANSWERING = /(^|__)(answer_permission|answer_question)$/

/** The session a row stands for: the one it is shown as. */
export const rootOf = ({ joinedTo, sessionId }: Session): string => joinedTo ?? sessionId

/** Whether two rows are the same run. [EV-7] */
export const isSameRun = (one: Session, other: Session): boolean =>
  rootOf(one) === rootOf(other) || (one.runKey !== undefined && one.runKey === other.runKey)

/** Whether a session’s own program calls it by this name. */
export const isCalled = ({ sessionId, joinedTo, runKey }: Session, name: string): boolean =>
  sessionId === `ses_${name}` || joinedTo === `ses_${name}` || runKey === name

/** Whether this call of a tool says exactly that, whatever the server is called. */
const says = (tool: ToolDetail, { message, toIds }: Sent): boolean => {
  if (tool.kind !== 'mcp' && tool.kind !== 'other') return false
  const { input, name } = tool
  if ('permissionId' in message) {
    const isOf = toIds.has(String(input.sessionId)) && input.permissionId === message.permissionId
    return isOf && ANSWERING.test(name)
  }
  if (input.text !== message.text) return false
  return 'sessionId' in message
    ? TELLING.test(name) && toIds.has(String(input.sessionId))
    : STARTING.test(name) && input.placeId === message.placeId
}

/** Whether a call that says exactly that runs in these events, oldest first. Pure. */
const runsIn = (events: readonly SessionEvent[], sent: Sent): boolean => {
  const over = new Set<string>()
  for (const event of events.toReversed()) {
    if (event.type === 'tool.ended') over.add(event.toolCallId)
    if (event.type === 'tool.started' && !over.has(event.toolCallId)) {
      if (says(event.tool, sent)) return true
    }
  }
  return false
}

/** Whether it is this session’s agent that sends this just now: its log shows the call. [MC-7] */
export const isSending = async (
  log: Pick<EventLog, 'readBack'>,
  { sessionId }: Session,
  sent: Sent,
): Promise<boolean> => {
  const { events } = await log.readBack({ sessionId, limit: LOOK_BACK })
  return runsIn(events, sent)
}
