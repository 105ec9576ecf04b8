import type { Attention, Cursor, PermissionId, SessionId } from '@bellhop/core'
import { describe, expect, it } from 'vitest'
import { createRings, RINGS_MAX, type Ring, readNotifierState } from './rings.ts'

const sessionId = 'ses_1' as SessionId
const at = '2026-11-20T09:41:00.000Z'
const ring = (attention: Attention): Ring => ({
  attention,
  cursor: 'logA.1' as Cursor,
  sinceMs: 0,
  round: 'first',
  dueAtMs: 0,
  deadlineMs: 1,
  left: null,
})
const ask = (name: string) =>
  ring({ kind: 'permission', sessionId, permissionId: name as PermissionId, tag: name, at })
const end = (name: string) => ring({ kind: 'finished', sessionId, tag: name, at })

describe('rings', () => {
  it('[PU-9] holds one for each tag, the newest', () => {
    const rings = createRings()
    const newer = end('ses_1')
    rings.put(end('ses_1'))
    rings.put(newer)
    expect(rings.all()).toEqual([newer])
    expect(rings.get('ses_1')).toBe(newer)
  })

  it('[I6] lets the oldest end of a turn give way first, then the oldest ask', () => {
    const rings = createRings()
    rings.put(ask('per_old'))
    rings.put(end('ses_old'))
    for (let i = rings.all().length; i < RINGS_MAX; i++)
      expect(rings.put(ask(`per_${i}`))).toBe(undefined)
    expect(rings.put(ask('per_new'))?.attention.tag).toBe('ses_old')
    expect(rings.put(ask('per_old'))).toBe(undefined)
    expect(rings.put(ask('per_newer'))?.attention.tag).toBe('per_2')
    expect(rings.all()).toHaveLength(RINGS_MAX)
  })
})

describe('readNotifierState', () => {
  it('[PU-8] reads what was written and starts over from anything else', () => {
    const state = { version: 1, cursor: 'logA.1', rings: [ask('per_1')] }
    expect(readNotifierState(JSON.stringify(state))).toEqual(state)
    for (const text of [
      undefined,
      '',
      'x',
      'null',
      '{}',
      '[]',
      '{"version":2,"cursor":"a.1","rings":[]}',
    ]) {
      expect(readNotifierState(text)).toBe(undefined)
    }
  })
})
