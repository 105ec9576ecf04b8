import type { Cursor, DeviceId, SessionId } from '@bellhop/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { createPresence, PRESENCE_LIFE_MS, type Presence } from './presence.ts'

const phone = 'dev_phone-0001' as DeviceId
const desk = 'dev_desk-00001' as DeviceId
const session = 'ses_1' as SessionId
const at = (position: number, log = 'logA') => `${log}.${position}` as Cursor

let nowMs: number
let presence: Presence
beforeEach(() => {
  nowMs = 1_000_000
  presence = createPresence({ clock: { nowMs: () => nowMs } })
})

const looksAt = (shown: Cursor | null, visible = true, sessionId: SessionId | null = session) =>
  presence.report(phone, { visible, sessionId, shown })
const isShown = (cursor = at(10), deviceId = phone) =>
  presence.isShown(deviceId, session, cursor, nowMs - 1_000)

describe('presence', () => {
  it('[PU-4] is proven by a report of this session at or past the place', () => {
    expect(isShown()).toBe(false)
    looksAt(at(9))
    expect(isShown()).toBe(false)
    looksAt(at(10))
    expect(isShown()).toBe(true)
    looksAt(at(100))
    expect(isShown(at(99))).toBe(true)
  })

  it.each([
    ['hidden', () => looksAt(at(10), false)],
    ['another session', () => looksAt(at(10), true, 'ses_2' as SessionId)],
    ['the list of sessions', () => looksAt(null, true, null)],
    ['a session that has shown nothing yet', () => looksAt(null)],
    ['a place of another log', () => looksAt(at(10, 'logB'))],
  ])('[PU-4] is not proven by %s', (_name, report) => {
    report()
    expect(isShown()).toBe(false)
  })

  it('[PU-4] ends when the device says it shows it no more', () => {
    looksAt(at(10))
    looksAt(at(10), false)
    expect(isShown()).toBe(false)
  })

  it('[PU-4] is proven for the device that reported and no other', () => {
    looksAt(at(10))
    expect(isShown(at(10), desk)).toBe(false)
  })

  it('[PU-4] wears off', () => {
    looksAt(at(10))
    nowMs += PRESENCE_LIFE_MS
    expect(presence.isShown(phone, session, at(10), 0)).toBe(true)
    nowMs += 1
    expect(presence.isShown(phone, session, at(10), 0)).toBe(false)
  })

  it('[PU-4] counts only from after the event, whatever place it claims', () => {
    looksAt(at(999))
    expect(presence.isShown(phone, session, at(10), nowMs)).toBe(true)
    expect(presence.isShown(phone, session, at(10), nowMs + 1)).toBe(false)
  })

  it('[I6] forgets the device that reported longest ago when there are too many', () => {
    looksAt(at(10))
    for (let i = 0; i < 499; i++) {
      presence.report(`dev_other-${i}` as DeviceId, {
        visible: false,
        sessionId: null,
        shown: null,
      })
    }
    looksAt(at(10))
    const other = { visible: false, sessionId: null, shown: null }
    presence.report(desk, other)
    expect(isShown()).toBe(true)
    for (let i = 0; i < 499; i++) presence.report(`dev_more-${i}` as DeviceId, other)
    expect(isShown()).toBe(false)
  })
})
