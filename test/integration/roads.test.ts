import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionId, SourceId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createScriptedSource } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no refusal',
    (error) => error.code ?? String(error),
  )
const at = '2026-03-01T09:00:00.000Z'

test('[ST-10] history reads on at the session’s source where the log ends, in order, and stores none of it', async () => {
  const source = createScriptedSource()
  const asked: object[] = []
  source.pastOf = () => 'from-7'
  source.readPast = async ({ sessionId, past, limit }) => {
    asked.push({ past, limit })
    const draft = (text: string) => ({
      type: 'message.agent' as const,
      sessionId,
      at,
      dedupeKey: text,
      messageId: text,
      text,
    })
    return past === 'from-7'
      ? { drafts: [draft('third'), draft('fourth')], past: 'from-5' }
      : { drafts: [draft('first'), draft('second')] }
  }
  await using running = await startRelay({ source })
  await using phone = await running.phone()
  const sessionId = await source.start('long')
  await source.say(sessionId, 'message.agent', { messageId: 'm', text: 'newest' })
  const read = (past?: string) =>
    phone.client.call('history', { sessionId, limit: 10, ...(past !== undefined && { past }) })
  const texts = (events: readonly unknown[]) =>
    events.map((event) => (event as { text?: string }).text).filter((text) => text !== undefined)

  const newest = await read()
  expect(newest).toMatchObject({ hasMore: false, past: 'from-7' })
  expect(texts(newest.events)).toEqual(['newest'])
  const before = await read(newest.past)
  expect(texts(before.events)).toEqual(['third', 'fourth'])
  const oldest = await read(before.past)
  expect(texts(oldest.events)).toEqual(['first', 'second'])
  expect(oldest).not.toHaveProperty('past')
  expect(asked).toEqual([
    { past: 'from-7', limit: 10 },
    { past: 'from-5', limit: 10 },
  ])
  const again = await running.relay.sessions.get(sessionId)
  expect(again?.lastLine).toBe('newest')
})

test('[ST-10] a source is told which sessions are before somebody’s eyes', async () => {
  const source = createScriptedSource()
  const looked: string[][] = []
  source.focus = (ids) => void looked.push([...ids])
  await using running = await startRelay({ source })
  await using phone = await running.phone()
  const one = await source.start('one')
  const two = await source.start('two')
  await phone.client.call('history', { sessionId: one, limit: 1 })
  await phone.client.call('presence', { visible: true, sessionId: two, shown: null })
  expect(looked).toEqual([[one], [one, two]])
})

test('[EP-1] a session’s MCP servers are asked where it can say, and only there', async () => {
  const source = createScriptedSource()
  source.mcpServers = async () => [{ name: 'tickets', status: 'connected' }]
  await using running = await startRelay({ source })
  await using phone = await running.phone()
  const plain = await source.start('plain', { capabilities: ['prompt'] })
  const able = await source.start('able', { capabilities: ['list_mcp_servers'] })
  expect(await phone.client.call('mcpServers', { sessionId: able })).toEqual({
    servers: [{ name: 'tickets', status: 'connected' }],
  })
  expect(await code(phone.client.call('mcpServers', { sessionId: plain }))).toBe('not_supported')
})

test('[EP-1] sessions are started where a source offers a place; anywhere else is refused', async () => {
  const source = createScriptedSource()
  const commandId = 'cmd_12345678'
  source.places = async () => [
    {
      placeId: 'plc_desk' as never,
      sourceId: 'scripted' as SourceId,
      title: 'desk',
      takesRepository: false,
      repositories: [],
      choices: {},
    },
  ]
  source.startSession = async ({ text }) => {
    expect(text).toBe('look around')
    return source.start('started')
  }
  await using running = await startRelay({ source })
  await using phone = await running.phone()
  const { places } = await phone.client.call('places', null)
  expect(places).toMatchObject([{ placeId: 'plc_desk', title: 'desk' }])
  const request = { commandId, text: 'look around' }
  const started = await phone.client.call('start', { ...request, placeId: 'plc_desk' })
  expect(started.sessionId).toBe('ses_started' as SessionId)
  await until(() => phone.session(started.sessionId) !== undefined)
  expect(await code(phone.client.call('start', { ...request, placeId: 'plc_moon' }))).toBe(
    'place_unknown',
  )
})

test('[SI-1] a source’s state says since when, and its details are there for who asks', async () => {
  const source = createScriptedSource()
  await using running = await startRelay({ source })
  await using phone = await running.phone()
  await source.start('any')
  const { sources } = await phone.client.call('relay', null)
  expect(sources).toMatchObject([{ state: 'ok', text: 'ready' }])
  expect(Date.parse(sources[0]?.since ?? '')).toBeGreaterThan(Date.now() - 60_000)
  expect(sources[0]).not.toHaveProperty('details')
  source.health({ state: 'ok', text: 'ready', details: ['Read by the event stream.'] })
  const asked = await phone.client.call('relay', null)
  expect(asked.sources).toMatchObject([{ details: ['Read by the event stream.'] }])
})

test('[EV-8] a source that is switched off leaves its sessions readable and unaskable, and switched on again as they were', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bellhop-off-'))
  try {
    const start = (names: string[]) => {
      const sources = names.map((name) => createScriptedSource(name))
      const [source] = sources
      if (!source) throw new Error('no source')
      return startRelay({ dataDir, source, overrides: { sources } })
    }
    let running = await start(['far', 'near'])
    const sessionId = await running.source.start('lasting', { capabilities: ['prompt'] })
    await running.stop()

    running = await start(['near'])
    const off = await running.relay.sessions.get(sessionId)
    expect(off).toMatchObject({ title: 'lasting', capabilities: [], status: 'idle' })
    expect(off?.roads?.[0]?.unfollowedSince).toBeDefined()
    const phone = await running.phone()
    const { code } = await phone.send({ type: 'prompt', sessionId, text: 'go on' })
    expect(code).toBe('not_supported')
    await phone[Symbol.asyncDispose]()
    await running.stop()

    running = await start(['far', 'near'])
    const back = await running.relay.sessions.get(sessionId)
    expect(back?.capabilities).toEqual(['prompt'])
    await running.stop()
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
