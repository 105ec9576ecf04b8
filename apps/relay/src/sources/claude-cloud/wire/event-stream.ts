import type { Fields, SkipCounter, StreamItem, WatchItem } from '../cloud-api.ts'
import { asFields, parseJson } from './answer.ts'
import type { Frame } from './frames.ts'
import { readDelivery, readEphemeral, readEvent } from './read-event.ts'
import { textOf } from './read-fields.ts'
import { readRow } from './read-row.ts'
import { readSuffix } from './session-id.ts'

const skipped = (skips: SkipCounter, what: 'row' | 'event' | 'frame' | 'payload') => {
  skips.skip(what)
  return { kind: 'skipped' } as const
}

/** A frame with neither name nor anything to say keeps the line alive. */
const isKeepAlive = ({ event }: Frame): boolean =>
  event === undefined || event === '' || event === 'message' || event === 'ping'

/** What a frame of a session’s stream tells; undefined for one that only keeps the line alive. */
export const readStreamFrame = (frame: Frame, skips: SkipCounter): StreamItem | undefined => {
  if (isKeepAlive(frame)) return undefined
  if (frame.event === 'catch_up_truncated') return { kind: 'truncated' }
  const data = parseJson(frame.data)
  switch (frame.event) {
    case 'client_event': {
      const event = readEvent(data, frame.id)
      return event ? { kind: 'event', event } : skipped(skips, 'event')
    }
    case 'ephemeral_event': {
      const payload = readEphemeral(data)
      return payload ? { kind: 'ephemeral', payload } : skipped(skips, 'payload')
    }
    case 'delivery_update': {
      const delivery = readDelivery(data)
      return delivery ? { kind: 'delivery', delivery } : skipped(skips, 'payload')
    }
    case 'session_update': {
      const fields: Fields | undefined = asFields(data)
      return fields ? { kind: 'session', fields } : skipped(skips, 'payload')
    }
    default:
      return skipped(skips, 'frame')
  }
}

/** What a frame of the account’s watch tells. */
export const readWatchFrame = (frame: Frame, skips: SkipCounter): WatchItem | undefined => {
  if (isKeepAlive(frame)) return undefined
  switch (frame.event) {
    case 'added':
    case 'changed': {
      const row = readRow(parseJson(frame.data))
      return row ? { kind: 'row', row } : skipped(skips, 'row')
    }
    case 'removed': {
      const suffix = readSuffix(asFields(parseJson(frame.data))?.id)
      return suffix === undefined ? skipped(skips, 'row') : { kind: 'removed', suffix }
    }
    case 'sync': {
      const token = textOf(frame.id)
      return token === undefined ? skipped(skips, 'frame') : { kind: 'token', token }
    }
    default:
      return skipped(skips, 'frame')
  }
}
