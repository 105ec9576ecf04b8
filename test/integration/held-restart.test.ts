import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventType } from '@bellhop/core'
import { expect, test } from 'vitest'
import { openSqliteBackend } from '../../apps/relay/src/backends/sqlite/sqlite-backend.ts'
import { systemClock } from '../../apps/relay/src/clock.ts'
import { answerShown, letAgentIn, outcomeOf, says, shownHeld } from '../support/asking-agent.ts'
import { deskOf } from '../support/mcp-agent.ts'
import { createScriptedSource } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'bellhop-held-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
const quick = { limits: { firstMs: 10, maxMs: 50 } }

/** A database that stores an event of this type and then says nothing any more, as in a crash. */
const dyingAfter = async (dataDir: string, dies: (types: readonly EventType[]) => boolean) => {
  const backend = await openSqliteBackend({ path: join(dataDir, 'bellhop.db'), clock: systemClock })
  const died = Promise.withResolvers<void>()
  let isDead = false
  const append: typeof backend.log.append = async (drafts) => {
    if (isDead) return new Promise(() => {})
    const events = await backend.log.append(drafts)
    if (!dies(drafts.map(({ type }) => type))) return events
    isDead = true
    died.resolve()
    return new Promise(() => {})
  }
  const log = new Proxy(backend.log, {
    get: (target, name, self) => (name === 'append' ? append : Reflect.get(target, name, self)),
  })
  return {
    backend: { ...backend, log, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() },
    died: died.promise,
  }
}

/** A relay on which something of an agent waits, about to be answered. */
const holding = async (dataDir: string, dies?: (types: readonly EventType[]) => boolean) => {
  const dying = dies && (await dyingAfter(dataDir, dies))
  const first = await startRelay({
    dataDir,
    ...(dying && { overrides: { backend: dying.backend } }),
  })
  const phone = await first.phone(quick)
  const agent = await letAgentIn(first)
  const sessionId = await first.source.start('lasting')
  const receipt = await says(agent, sessionId, 'Deploy it')
  return {
    first,
    phone,
    agent,
    sessionId,
    receipt,
    shown: await shownHeld(phone),
    died: dying?.died,
  }
}

const again = async (dataDir: string, origin: string) => {
  const source = createScriptedSource()
  const config = { port: Number(new URL(origin).port) }
  const second = await startRelay({ dataDir, source, config })
  await source.running
  return { second, source }
}
const logOf = async (relay: { dataDir: string; origin: string }) =>
  (await (await deskOf(relay.dataDir, relay.origin)).call('auditLog', { limit: 50 })).entries

test('[HC-4] what is held when the relay stops is shown and can be answered after', async () => {
  await using data = await folder()
  const { first, phone, agent, sessionId, receipt, shown } = await holding(data.path)
  await first.stop()
  const { second, source } = await again(data.path, first.origin)
  const open = (await second.relay.sessions.get(sessionId))?.waits
  expect(open?.map(({ permissionId }) => permissionId)).toEqual([shown.wait.permissionId])
  const [before] = (await logOf(second)).filter(({ commandId }) => commandId === receipt.commandId)
  expect(before).toMatchObject({ outcome: 'pending' })
  const command = {
    type: 'prompt',
    sessionId,
    text: 'Deploy it',
    commandId: receipt.commandId,
  } as const
  expect(await agent.client.call('command', command)).toMatchObject({ state: 'pending' })
  expect(await answerShown(phone, shown)).toMatchObject({ state: 'done' })
  expect(await outcomeOf(agent, receipt)).toMatchObject({ outcome: 'done' })
  expect(source.performed).toHaveLength(1)
  expect(source.performed[0]).toMatchObject({ command: { commandId: receipt.commandId } })
  const [after] = (await logOf(second)).filter(({ commandId }) => commandId === receipt.commandId)
  expect(after).toMatchObject({ outcome: 'done' })
  await Promise.all([phone.sleep(), agent.sleep()])
  await second[Symbol.asyncDispose]()
})

test('[HC-5] what is held runs out after a restart, too, and the removal of the agent counts', async () => {
  await using data = await folder()
  const { first, phone, agent, sessionId, receipt } = await holding(data.path)
  await first.stop()
  const { second, source } = await again(data.path, first.origin)
  await second.relay.devices.revoke(agent.deviceId)
  expect(await outcomeOf(phone, receipt)).toMatchObject({ code: 'device_removed' })
  await until(() => phone.session(sessionId)?.waits.length === 0, { timeoutMs: 15_000 })
  expect(source.performed).toEqual([])
  await Promise.all([phone.sleep(), agent.sleep()])
  await second[Symbol.asyncDispose]()
})

const answered = (types: readonly EventType[]) => types.includes('permission.resolved')

test('[HC-4] [I5] what was allowed as the relay died is carried out once by the next', async () => {
  await using data = await folder()
  const { first, phone, agent, receipt, shown, died } = await holding(data.path, answered)
  const sent = answerShown(phone, shown).catch(() => undefined)
  await died
  expect(first.source.performed).toEqual([])
  await first.stop()
  await sent
  const { second, source } = await again(data.path, first.origin)
  expect(await outcomeOf(agent, receipt)).toMatchObject({
    outcome: 'done',
    by: { name: 'desktop' },
  })
  expect(source.performed).toHaveLength(1)
  const told = await logOf(second)
  expect(told.map(({ commandType, outcome }) => [commandType, outcome])).toEqual([
    ['decide_permission', 'done'],
    ['prompt', 'done'],
  ])
  await second[Symbol.asyncDispose]()

  const third = await again(data.path, first.origin)
  expect(third.source.performed).toEqual([])
  await Promise.all([phone.sleep(), agent.sleep()])
  await third.second[Symbol.asyncDispose]()
})

test('[HC-4] what was denied as the relay died is refused by the next, with the reason', async () => {
  await using data = await folder()
  const { first, phone, agent, receipt, shown, died } = await holding(data.path, answered)
  const sent = answerShown(phone, shown, { behavior: 'deny', reason: 'No' }).catch(() => undefined)
  await died
  await first.stop()
  await sent
  const { second, source } = await again(data.path, first.origin)
  expect(await outcomeOf(agent, receipt)).toMatchObject({
    code: 'agent_not_allowed',
    text: 'A person said no: No',
  })
  expect(source.performed).toEqual([])
  await Promise.all([phone.sleep(), agent.sleep()])
  await second[Symbol.asyncDispose]()
})

test('[HC-4] [CM-7] what may have gone out as the relay died is not sent a second time', async () => {
  await using data = await folder()
  const { first, phone, agent, receipt, shown } = await holding(data.path)
  first.source.onPerform = () => new Promise(() => {})
  expect(await answerShown(phone, shown)).toMatchObject({ state: 'done' })
  await until(() => first.source.performed.length === 1)
  await first.stop()
  const { second, source } = await again(data.path, first.origin)
  expect(await outcomeOf(agent, receipt)).toMatchObject({ code: 'source_unreachable' })
  expect(source.performed).toEqual([])
  await Promise.all([phone.sleep(), agent.sleep()])
  await second[Symbol.asyncDispose]()
})
