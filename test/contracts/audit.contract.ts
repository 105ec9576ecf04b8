import type { CommandId, DeviceId, Receipt, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { Act, AuditLog } from '../../apps/relay/src/sessions/audit-log.ts'
import type { OpenFresh } from './backend.contract.ts'

const AT = '2026-03-01T09:00:00.000Z'
const LATER = '2026-03-01T09:00:05.000Z'
const SES_A = 'ses_a' as SessionId
const SES_B = 'ses_b' as SessionId
const idOf = (id: string) => `cmd_${id.padEnd(8, '0')}` as CommandId
const act = (id: string, fields: Partial<Act> = {}): Act => ({
  commandId: idOf(id),
  commandType: 'prompt',
  sessionId: SES_A,
  by: { kind: 'device', deviceId: 'dev_12345678' as DeviceId, name: 'Phone' },
  about: 'go on',
  at: AT,
  ...fields,
})
const other = { by: { kind: 'device', deviceId: 'dev_other678' as DeviceId, name: 'Tab' } } as const
const receipt = (id: string, fields: Partial<Receipt> = {}): Receipt => ({
  commandId: idOf(id),
  state: 'done',
  ...fields,
})
const read = async (audit: AuditLog, range: Partial<Parameters<AuditLog['read']>[0]> = {}) =>
  audit.read({ limit: 100, ...range })
const told = async (audit: AuditLog) =>
  (await read(audit)).entries.map(({ commandId, outcome }) => `${commandId.slice(4, 5)} ${outcome}`)

/** What an audit log promises. */
export const auditContract = (open: OpenFresh): void => {
  test('[AL-1] an entry says who asked for what, for which session, when, and what came of it', async () => {
    await using one = await open()
    const { audit } = one.backend
    await audit.note(act('1'))
    const entry = { number: 1, ...act('1'), outcome: 'pending' }
    expect(await read(audit)).toEqual({ entries: [entry], hasMore: false })
    const refused = receipt('1', { state: 'refused', code: 'source_refused', text: 'No.' })
    await audit.settle(refused, LATER)
    const { state: outcome, ...rest } = refused
    expect((await read(audit)).entries).toEqual([{ ...entry, ...rest, outcome, settledAt: LATER }])
  })

  test('[AL-1] [MC-7] an agent stands in it as one, with how far its message had come, and who asked is found by the command', async () => {
    await using one = await open()
    const { audit, ledger } = one.backend
    const { about, ...taken } = act('1')
    const by = { ...taken.by, name: 'desktop', agent: { depth: 2 } }
    const entry = { ...taken, by, commandType: 'prompt' as const, sessionId: SES_A }
    await ledger.claim({ ...entry, fingerprint: 'f' }, about)
    expect((await read(audit)).entries).toMatchObject([{ by }])
    expect(await ledger.pending()).toMatchObject([{ by }])
    const reused = receipt('1', { state: 'refused', code: 'command_reused' })
    await audit.note(act('1', other), reused)
    expect(await audit.askedBy(idOf('1'))).toEqual(by)
    await ledger.settle(receipt('1', { state: 'refused' }), LATER)
    expect(await audit.askedBy(idOf('1'))).toBeUndefined()
    await audit.note(act('2', { by: { ...by, agent: { depth: 0 } } }))
    expect(await audit.askedBy(idOf('2'))).toMatchObject({ agent: { depth: 0 } })
    await audit.note(act('3'))
    expect(await audit.askedBy(idOf('3'))).not.toHaveProperty('agent')
  })

  test('[AL-1] a start gets its session once there is one', async () => {
    await using one = await open()
    const { audit } = one.backend
    await audit.note(act('1', { commandType: 'start', sessionId: null }))
    expect((await read(audit)).entries[0]).toMatchObject({ sessionId: null })
    await audit.settle(receipt('1'), LATER, SES_B)
    expect((await read(audit)).entries[0]).toMatchObject({ sessionId: SES_B, outcome: 'done' })
    expect((await read(audit, { sessionId: SES_B })).entries).toHaveLength(1)
  })

  test('[AL-2] a command that is taken stands in it, and its receipt with it; forgetting the receipt takes nothing out', async () => {
    await using one = await open()
    const { audit, ledger } = one.backend
    const { about, ...taken } = act('1')
    const entry = { ...taken, commandType: 'prompt' as const, sessionId: SES_A, fingerprint: 'f' }
    await ledger.claim(entry, about)
    await ledger.claim(entry, about)
    expect(await told(audit)).toEqual(['1 pending'])
    await ledger.settle(receipt('1'), LATER)
    await ledger.settle(receipt('1', { state: 'refused' }), LATER)
    expect((await read(audit)).entries).toEqual([
      { number: 1, ...act('1'), outcome: 'done', settledAt: LATER },
    ])
    await ledger.prune('2026-04-01T00:00:00.000Z')
    expect(await told(audit)).toEqual(['1 done'])
  })

  test('[AL-3] the first word on an act counts, and nothing is said of one that is not there', async () => {
    await using one = await open()
    const { audit } = one.backend
    await audit.note(act('1'))
    await audit.settle(receipt('1'), AT)
    await audit.settle(receipt('1', { state: 'refused' }), LATER)
    await audit.settle(receipt('2'), LATER)
    expect((await read(audit)).entries).toMatchObject([{ outcome: 'done', settledAt: AT }])
  })

  test('[AL-4] the same act again is no second entry, unless it was refused before; a refusal always is one', async () => {
    await using one = await open()
    const { audit } = one.backend
    await audit.note(act('1'))
    await audit.note(act('1'))
    await audit.note(act('1', other), receipt('1', { state: 'refused', code: 'command_reused' }))
    expect(await told(audit)).toEqual(['1 refused', '1 pending'])
    await audit.settle(receipt('1', { state: 'refused' }), LATER)
    expect((await read(audit)).entries[1]).toMatchObject({ outcome: 'refused', settledAt: LATER })
    await audit.note(act('1'))
    expect(await told(audit)).toEqual(['1 pending', '1 refused', '1 refused'])
    const start = { commandType: 'start' } as const
    await audit.note(act('2'))
    await audit.note(act('2', start))
    await audit.note(act('2', start))
    const second = (await read(audit)).entries.filter(
      ({ commandId }) => commandId === act('2').commandId,
    )
    expect(second.map(({ commandType }) => commandType)).toEqual(['start', act('2').commandType])
  })

  test('[AL-5] what is open can be closed as unconfirmed, and stays so', async () => {
    await using one = await open()
    const { audit } = one.backend
    await audit.note(act('1'))
    await audit.settle(receipt('1'), AT)
    await audit.note(act('2'))
    await audit.closeOpen('The relay was restarted.', LATER)
    await audit.settle(receipt('2'), LATER)
    expect(await told(audit)).toEqual(['2 unconfirmed', '1 done'])
    expect((await read(audit)).entries[0]).toMatchObject({ text: 'The relay was restarted.' })
  })

  test('[AL-5] [HC-4] what still waits for a person stays open', async () => {
    await using one = await open()
    const { audit } = one.backend
    await audit.note(act('1'))
    await audit.note(act('2'))
    await audit.closeOpen('The relay was restarted.', LATER, [act('1').commandId])
    expect(await told(audit)).toEqual(['2 unconfirmed', '1 pending'])
    await audit.settle(receipt('1'), LATER)
    expect(await told(audit)).toEqual(['2 unconfirmed', '1 done'])
  })

  test('[AL-6] it is read newest first, page by page, and of one session', async () => {
    await using one = await open()
    const { audit } = one.backend
    for (const id of ['1', '2', '3']) await audit.note(act(id))
    await audit.note(act('4', { sessionId: SES_B }))
    const first = await read(audit, { limit: 3 })
    expect(first.entries.map(({ number }) => number)).toEqual([4, 3, 2])
    expect(first.hasMore).toBe(true)
    const rest = await read(audit, { limit: 3, before: 2 })
    expect(rest).toMatchObject({ entries: [{ number: 1 }], hasMore: false })
    const own = await read(audit, { sessionId: SES_A, limit: 2 })
    expect(own.entries.map(({ number }) => number)).toEqual([3, 2])
    expect(own.hasMore).toBe(true)
  })

  test('[AL-7] [I6] the old goes, and of each device all but the newest; numbers are not given again', async () => {
    await using one = await open()
    const { audit } = one.backend
    await audit.note(act('1', other))
    await audit.note(act('2', { at: '2025-01-01T00:00:00.000Z' }))
    for (const id of ['3', '4', '5']) await audit.note(act(id))
    await audit.settle(receipt('3'), AT)
    await audit.prune({ before: '2025-06-01T00:00:00.000Z', keepPerDevice: 2 })
    expect(await told(audit)).toEqual(['5 pending', '4 pending', '1 pending'])
    await audit.prune({ before: '2027-01-01T00:00:00.000Z', keepPerDevice: 2 })
    await audit.note(act('6'))
    expect((await read(audit)).entries).toMatchObject([{ number: 6 }])
  })

  test('[AL-7] what was refused goes first, so that no device pushes out what it did by what it may not', async () => {
    await using one = await open()
    const { audit } = one.backend
    await audit.note(act('1'))
    await audit.settle(receipt('1'), AT)
    await audit.note(act('2'))
    for (const id of ['3', '4', '5']) {
      await audit.note(act(id), receipt(id, { state: 'refused', code: 'rate_limited' }))
    }
    await audit.prune({ before: '2025-06-01T00:00:00.000Z', keepPerDevice: 3 })
    expect(await told(audit)).toEqual(['5 refused', '2 pending', '1 done'])
    await audit.prune({ before: '2025-06-01T00:00:00.000Z', keepPerDevice: 1 })
    expect(await told(audit)).toEqual(['2 pending'])
  })
}
