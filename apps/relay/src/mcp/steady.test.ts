import { type Command, type Receipt, RelayError } from '@bellhop/core'
import { RelayUnreachable } from '@bellhop/core/client'
import { expect, test } from 'vitest'
import { sendSteadily, steadily } from './steady.ts'

const command = { type: 'interrupt', commandId: 'cmd_12345678', sessionId: 'ses_1' } as Command
const done: Receipt = { commandId: command.commandId, state: 'done' }

/** A link that meets with these failures first. */
const failing = (...failures: Error[]) => {
  const asked: unknown[] = []
  const call = async (_: string, request: unknown) => {
    asked.push(request)
    const failure = failures.shift()
    if (failure) throw failure
    return done
  }
  return { asked, link: { call, follow: async () => ({}) } as unknown as Link }
}
type Link = Parameters<typeof sendSteadily>[0]

test('[CM-1] [MC-6] a command is sent again, the same, to a relay that comes back', async () => {
  const away = [new RelayUnreachable(), new RelayError('relay_not_running')]
  const { link, asked } = failing(...away)
  expect(await sendSteadily(link, command, AbortSignal.timeout(5_000))).toEqual(done)
  expect(asked).toEqual([command, command, command])
})

test('[MC-6] a command nobody answers for in time is said to be of unknown fate', async () => {
  const { link } = failing(...Array.from({ length: 100 }, () => new RelayUnreachable()))
  const sent = sendSteadily(link, command, AbortSignal.timeout(400))
  await expect(sent).rejects.toMatchObject({ code: 'delivery_unknown' })
})

test('[MC-3] a refusal is not asked about again', async () => {
  const { link, asked } = failing(new RelayError('scope_missing'))
  const sent = sendSteadily(link, command, AbortSignal.timeout(5_000))
  await expect(sent).rejects.toMatchObject({ code: 'scope_missing' })
  expect(asked).toHaveLength(1)
  const refused = () => Promise.reject(new RelayError('device_removed'))
  const asking = steadily(refused, AbortSignal.timeout(5_000))
  await expect(asking).rejects.toMatchObject({ code: 'device_removed' })
})
