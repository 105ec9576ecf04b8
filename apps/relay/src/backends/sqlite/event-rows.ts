import {
  type Cursor,
  type EventId,
  parseEvent,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import { rememberJson } from '../../sessions/frame-text.ts'

/** One row of the table `events`. `body` is the event's JSON without its cursor. */
export type EventRow = {
  position: number
  session_id: string
  event_id: string
  type: string
  at: string
  stored_at: number
  body: string
}

/** What is stored of an event: all of it but the cursor, which is its place. */
export const bodyOf = (event: SessionEvent): string => {
  const { cursor: _, ...body } = event
  return JSON.stringify(body)
}

/** The event's JSON as it goes over the wire. */
const jsonOf = (body: string, cursor: Cursor): string =>
  `${body.slice(0, -1)},"cursor":"${cursor}"}`

/** Reads a row back. One that cannot be read becomes an unknown event, so that later ones are. [I8] */
export const eventOf = (row: EventRow, cursor: Cursor): SessionEvent => {
  const value = readJson(row.body)
  if (value !== undefined) {
    // The body is a value of our own making that nobody else holds yet.
    Object.assign(value, { cursor })
    const event = parseEvent(value)
    if (event) {
      rememberJson(event, jsonOf(row.body, cursor))
      return event
    }
  }
  const envelope = {
    eventId: row.event_id as EventId,
    cursor,
    sessionId: row.session_id as SessionId,
    at: row.at,
  }
  return {
    ...envelope,
    type: 'unknown',
    originalType: row.type,
    raw: { ...envelope, type: row.type, unreadable: row.body },
  }
}

const readJson = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
