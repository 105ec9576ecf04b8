import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newCommandId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'bellhop-restart-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

test('[CL-2] [EV-2] after a restart on the same folder and port, a phone goes on with nothing lost and nothing twice', async () => {
  await using data = await folder()
  const first = await startRelay({ dataDir: data.path })
  const port = Number(new URL(first.origin).port)
  await using phone = await first.phone({ limits: { firstMs: 10, maxMs: 50 } })
  const id = await first.source.start('lasting')
  await first.source.ask(id, 'per_1', shellAsk('ls'))
  await phone.findWait()
  await first.stop()

  const source = createScriptedSource()
  await using second = await startRelay({ dataDir: data.path, source, config: { port } })
  await source.running
  // What a source does after a restart: it says again all it finds.
  await source.start('lasting')
  await source.ask(id, 'per_1', shellAsk('ls'))
  await source.say(id, 'message.agent', { messageId: 'm', text: 'back again' })
  await until(() => phone.session(id)?.lastLine === 'back again', { timeoutMs: 10_000 })
  expect(phone.session(id)?.waits).toHaveLength(1)
  expect(phone.events.filter((event) => event.type === 'permission.requested')).toHaveLength(1)
  expect(new Set(phone.events.map((event) => event.eventId)).size).toBe(phone.events.length)
  expect(second.origin).toBe(first.origin)
})

test('[CM-7] a command the relay died over is settled as refused and never done again', async () => {
  await using data = await folder()
  const first = await startRelay({ dataDir: data.path })
  await using phone = await first.phone({ limits: { firstMs: 10, maxMs: 50 } })
  const id = await first.source.start('dying')
  await until(() => phone.session(id))
  first.source.onPerform = () => new Promise(() => {})
  const command = { type: 'prompt', sessionId: id, commandId: newCommandId(), text: 'go' } as const
  const sent = phone.client.call('command', command).catch(() => undefined)
  await until(() => first.source.performed.length === 1)
  await first.stop()
  await sent

  const source = createScriptedSource()
  await using second = await startRelay({
    dataDir: data.path,
    source,
    config: { port: Number(new URL(first.origin).port) },
  })
  await source.running
  const receipt = await until(async () => {
    const answer = await phone.client.call('command', command).catch(() => undefined)
    return answer?.state !== 'pending' && answer
  })
  expect(receipt).toMatchObject({ state: 'refused', code: 'source_unreachable' })
  expect(source.performed).toHaveLength(0)
  expect(second.source).toBe(source)
})
