import type { SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { StaleAsks } from './stale-asks.ts'

const resolvedBy = (isBridged: boolean, isDenied: boolean) => {
  const stale = new StaleAsks(
    'ses_x' as SessionId,
    () => false,
    () => isBridged,
  )
  stale.expect(['per_toolu_1-6903ee6bdc8b'], () => {})
  const drafts = stale.callEnded('toolu_1', isDenied)
  expect(stale.withdraw()).toEqual([])
  return drafts
}

test('[PE-3] what was answered while the relay was away was so at the terminal, where that is the only place', () => {
  expect(resolvedBy(false, true)).toMatchObject([{ outcome: 'denied', by: { kind: 'terminal' } }])
  expect(resolvedBy(true, true)).toMatchObject([{ outcome: 'denied', by: { kind: 'source' } }])
  expect(resolvedBy(true, false)).toMatchObject([{ outcome: 'allowed', by: { kind: 'source' } }])
})
