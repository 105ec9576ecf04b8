import type { CommandId, DeviceId, Receipt, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { LedgerEntry } from '../../apps/relay/src/sessions/command-ledger.ts'
import type { OpenFresh } from './backend.contract.ts'

const AT = '2026-03-01T09:00:00.000Z'
const idOf = (id: string) => `cmd_${id.padEnd(8, '0')}` as CommandId
const entry = (id: string, fields: Partial<LedgerEntry> = {}): LedgerEntry => ({
  commandId: idOf(id),
  commandType: 'prompt',
  sessionId: 'ses_a' as SessionId,
  by: { kind: 'device', deviceId: 'dev_12345678' as DeviceId, name: 'Phone' },
  fingerprint: 'f',
  at: AT,
  ...fields,
})
const receipt = (id: string, fields: Partial<Receipt> = {}): Receipt => ({
  commandId: idOf(id),
  state: 'done',
  ...fields,
})

/** What a command ledger promises. */
export const ledgerContract = (open: OpenFresh): void => {
  test('[CM-1] [I5] a command is taken once; until it is settled a repeat is told that it is pending', async () => {
    await using one = await open()
    const { ledger } = one.backend
    expect(await ledger.claim(entry('1'))).toBeUndefined()
    expect(await ledger.claim(entry('1'))).toEqual(receipt('1', { state: 'pending' }))
    const refused = receipt('1', { state: 'refused', code: 'source_refused', text: 'No.' })
    await ledger.settle(refused, AT)
    expect(await ledger.claim(entry('1'))).toEqual(refused)
  })

  test('[CM-1] of several callers at the same moment one takes the command', async () => {
    await using one = await open()
    const { ledger } = one.backend
    const claims = await Promise.all([1, 2, 3].map(() => ledger.claim(entry('1'))))
    expect(claims.filter((claim) => claim === undefined)).toHaveLength(1)
  })

  test('[CM-1] another command, or another device, under the same id is command_reused', async () => {
    await using one = await open()
    const { ledger } = one.backend
    await ledger.claim(entry('1'))
    const others = [
      entry('1', { fingerprint: 'g' }),
      entry('1', { by: { kind: 'device', deviceId: 'dev_other678' as DeviceId, name: 'Phone' } }),
    ]
    for (const other of others) {
      await expect(ledger.claim(other)).rejects.toMatchObject({ code: 'command_reused' })
    }
  })

  test('[CM-5] the first word on a command counts', async () => {
    await using one = await open()
    const { ledger } = one.backend
    await ledger.claim(entry('1'))
    await ledger.settle(receipt('1'), AT)
    await ledger.settle(receipt('1', { state: 'refused', code: 'internal' }), AT)
    expect(await ledger.claim(entry('1'))).toEqual(receipt('1'))
  })

  test('[CM-7] what was taken and never settled can be found again, whole and oldest first', async () => {
    await using one = await open()
    const { ledger } = one.backend
    for (const id of ['z', 'b', 'a']) await ledger.claim(entry(id))
    await ledger.settle(receipt('b'), AT)
    expect(await ledger.pending()).toEqual([entry('z'), entry('a')])
  })

  test('[I6] what was settled before a moment is forgotten; what is open never is', async () => {
    await using one = await open()
    const { ledger } = one.backend
    for (const id of ['1', '2', '3']) await ledger.claim(entry(id))
    await ledger.settle(receipt('1'), '2026-03-01T09:00:00.000Z')
    await ledger.settle(receipt('2'), '2026-03-01T11:00:00.000Z')
    await ledger.prune('2026-03-01T10:00:00.000Z')
    expect(await ledger.claim(entry('1'))).toBeUndefined()
    expect(await ledger.claim(entry('2'))).toEqual(receipt('2'))
    expect((await ledger.pending()).map((one) => one.commandId)).toContain(idOf('3'))
  })
}
