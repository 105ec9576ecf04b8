import type { CommandId, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createScriptedCloudSession } from '../../../../../../test/support/scripted-cloud-session.ts'
import { createVirtualTime } from '../../../../../../test/support/virtual-time.ts'
import type { SourceCommand } from '../../../sessions/session-source.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { performCommand } from './perform-command.ts'

const lost = new CloudFailure('unreachable', 'No answer.', { maybeDone: true })
const shut = new CloudFailure('edge', 'Turned away.')
const command = {
  commandId: 'cmd_abcdefgh' as CommandId,
  sessionId: 'ses_cloud-01Abc' as SessionId,
}

/** Performs it while calls fail with these, one after the other, and then with the last. */
const perform = async (fields: object, failures: readonly CloudFailure[], isHeard = false) => {
  const time = createVirtualTime()
  const session = createScriptedCloudSession(time)
  let tries = 0
  const fail = () => {
    throw failures[Math.min(tries++, failures.length - 1)]
  }
  session.onSend = ({ uuid }) => {
    if (isHeard) session.say({ kind: 'delivery', eventId: String(uuid), status: 'received' })
    fail()
  }
  const api = { rename: async () => fail(), archive: async () => fail() }
  const sent = {
    command: { ...command, ...fields },
    by: { kind: 'device', deviceId: 'dev_12345678', name: 'Phone' },
  } as SourceCommand
  const running = performCommand(
    session,
    sent,
    { api, timing: time },
    new AbortController().signal,
  ).catch(({ code }) => ({ code }))
  await time.pass(15_000)
  return running
}

const changes = [
  { type: 'prompt', text: 'Hello' },
  { type: 'interrupt' },
  { type: 'set_model', model: 'opus' },
  { type: 'rename', title: 'Shop' },
  { type: 'archive' },
]

test.each(changes)(
  '[CM-8] $type that nobody answered is not called refused: it may have been done',
  async (fields) => {
    for (const failures of [[lost], [lost, shut], [shut, lost]]) {
      expect(await perform(fields, failures)).toEqual({
        unconfirmed: expect.stringMatching(
          /^(Turned away|No answer)\. It may have been done all the same: look before you try again\.$/,
        ),
      })
    }
  },
)

test.each(changes)('[CM-8] $type that got nowhere for certain is refused', async (fields) => {
  expect(await perform(fields, [shut])).toEqual({ code: 'source_unreachable' })
})

test('[CM-8] [A-43] a message that nobody answered and its session has is done', async () => {
  expect(await perform({ type: 'prompt', text: 'Hello' }, [lost], true)).toBeUndefined()
})
