import type { ServerTime } from '../support/virtual-time.ts'
import type { StreamFault } from './faults.ts'
import { type Frame, frameText, type SseWriter } from './sse-writer.ts'

export interface DurableFrame extends Frame {
  durable?: boolean
}

const heldMs = 300

const strangeFrames: Frame[] = [
  { event: 'moon_phase', data: '{"phase":"waxing"}' },
  { event: 'ephemeral_event', data: '{"event_type":"tide","payload":{"type":"tide","level":3}}' },
  { event: 'ephemeral_event', data: '{"payload":{"type":"system","subtype":"weather_changed"}}' },
  { event: 'session_update', data: '{"connection_status":"teleporting","unheard_of":[1]}' },
  { event: 'delivery_update', data: '{"event_id":"e","status":"DELIVERY_STATUS_FRAMED"}' },
  { data: '{}' },
]
const brokenFrames: Frame[] = [
  { event: 'client_event', data: '{"event_id":' },
  { event: 'client_event', data: 'null' },
  { event: 'client_event', data: '[1,2]' },
  { event: 'ephemeral_event', data: '<html>' },
  { event: 'delivery_update', data: '{"event_id":7,"status":null}' },
  { event: 'session_update', data: '"x"' },
]

const withNumber = (frame: Frame): Frame => ({
  ...frame,
  data: frame.data.replace(/"sequence_num":"(\d+)"/, '"sequence_num":$1'),
})

/** Writes frames as the stream's faults would have it. */
export const faultyFrames = (
  writer: SseWriter,
  faults: readonly StreamFault[],
  time: ServerTime,
): ((frame: DurableFrame) => void) => {
  const has = (kind: StreamFault['kind']) => faults.some((fault) => fault.kind === kind)
  const cut = faults.find((fault) => fault.kind === 'cut')
  let count = 0
  let durables = 0
  let held: Frame | undefined
  let isOver = false

  const write = (frame: Frame) => {
    if (isOver) return
    if (cut && count >= cut.afterFrames) {
      isOver = true
      if (cut.midFrame) {
        const text = frameText(frame)
        writer.bytes(text.slice(0, Math.ceil(text.length / 2)))
      }
      writer.end(!cut.midFrame)
      return
    }
    count += 1
    writer.frame(frame)
    if (has('strange')) writer.frame(strangeFrames[(count - 1) % strangeFrames.length] as Frame)
    if (has('broken_json')) writer.frame(brokenFrames[(count - 1) % brokenFrames.length] as Frame)
  }
  const release = () => {
    const frame = held
    held = undefined
    if (frame) write(frame)
  }

  return ({ durable = false, ...given }) => {
    if (has('silent')) return
    if (has('no_ephemerals') && given.event === 'ephemeral_event') return
    const frame = has('number_sequence') ? withNumber(given) : given
    if (!durable) {
      write(frame)
      return
    }
    durables += 1
    if (has('reorder') && held === undefined && durables % 2 === 1) {
      held = frame
      time.after(heldMs, release)
      return
    }
    write(frame)
    if (has('duplicate')) write(frame)
    release()
  }
}
