import type { SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { type McpAgent, startMcpAgent, type Way } from '../support/mcp-agent.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'

const way: Way = { via: 'http', protocol: '2026-07-28' }
const refused = (code: string, words: string) => ({
  isError: true,
  value: { code, text: expect.stringContaining(words) },
})

test('[MC-5] a list that is cut says how much more there is', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way, scopes: ['watch'] })
  for (const name of ['one', 'two', 'three']) await relay.source.start(name)
  const { value } = await agent.call('list_sessions', { limit: 2 })
  expect([value.sessions.length, value.moreCount]).toEqual([2, 1])
  expect((await agent.call('list_sessions')).value.moreCount).toBe(0)
})

test('[MC-5] a session is told with each of its prompts once', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way, scopes: ['watch'] })
  const sessionId = await relay.source.start('asks')
  await relay.source.ask(sessionId, 'per_1', shellAsk('a rare pelican'))
  const { value } = await agent.call('get_session_info', { sessionId })
  expect(value).toMatchObject({ pendingCount: 1, prompts: [{ line: 'a rare pelican' }] })
  expect(value.details).toMatchObject({ machine: 'desk', capabilities: expect.any(Array) })
  expect(value.details.waits).toBeUndefined()
})

/** All events of a session by pages, one way or the other. */
const readAll = async (agent: McpAgent, sessionId: SessionId, way: 'after' | 'before') => {
  const types = ['message.agent']
  const started = { sessionId, types: ['session.started'], limit: 500 }
  const [start] = (await agent.call('get_session_events', started)).value.events
  const told: string[] = []
  let pages = 0
  let from: string | undefined
  do {
    const place = way === 'after' ? { after: from ?? start.cursor } : from && { before: from }
    const answer = await agent.call('get_session_events', { sessionId, types, ...place })
    const { events, hasMore, cursor, first } = answer.value
    expect(JSON.stringify(answer.value).length).toBeLessThan(260_000)
    const words = events.map(({ text }: { text: string }) => text.slice(0, 8))
    if (way === 'after') told.push(...words)
    else told.unshift(...words)
    pages += 1
    from = hasMore ? (way === 'after' ? cursor : first) : undefined
  } while (from !== undefined)
  return { told, pages }
}

test('[MC-5] long events come in pages, each event once, forwards and backwards', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way, scopes: ['watch'] })
  const sessionId = await relay.source.start('long')
  const names = Array.from({ length: 9 }, (_, at) => `message${at}`)
  for (const name of names) {
    const text = name + 'x'.repeat(55_000)
    await relay.source.say(sessionId, 'message.agent', { messageId: name, text })
  }
  expect(await readAll(agent, sessionId, 'before')).toEqual({ told: names, pages: 3 })
  expect(await readAll(agent, sessionId, 'after')).toEqual({ told: names, pages: 3 })
})

test('[MC-5] a long conversation comes in pages of a bounded length, each row once', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way, scopes: ['watch'] })
  const sessionId = await relay.source.start('long')
  const names = Array.from({ length: 40 }, (_, at) => `message${at}.`)
  for (const name of names) {
    const text = name + 'x'.repeat(3_900)
    await relay.source.say(sessionId, 'message.agent', { messageId: name, text })
  }
  // One that is longer than a row may be is cut, and says so.
  const long = { messageId: 'long', text: 'y'.repeat(30_000) }
  await relay.source.say(sessionId, 'message.agent', long)
  const told: string[] = []
  let page: string | undefined
  do {
    const { value } = await agent.call('read_session', { sessionId, ...(page && { page }) })
    expect(JSON.stringify(value).length).toBeLessThan(70_000)
    told.unshift(...value.rows.map(({ text }: { text: string }) => text))
    page = value.nextPage
  } while (page !== undefined)
  expect(told.pop()).toMatch(/y{4000}\n\[26000 more characters\]$/)
  expect(told.map((text) => text.replace(/x+$/, ''))).toEqual(names)
})

test('[MC-5] a search answers as many hits as were asked for, and where the older ones are', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way, scopes: ['watch'] })
  const sessionId = await relay.source.start('searched')
  for (const messageId of ['a', 'b', 'c']) {
    const text = `pelican ${messageId}`
    await relay.source.say(sessionId, 'message.agent', { messageId, text })
  }
  const found: string[] = []
  let before: string | undefined
  do {
    const asked = { words: 'pelican', sessionId, limit: 1, ...(before && { before }) }
    const { value } = await agent.call('search_transcripts', asked)
    const hits = value.sessions.flatMap((one: { hits: { text: string }[] }) => one.hits)
    expect(hits.length).toBeLessThan(2)
    found.push(...hits.map(({ text }: { text: string }) => text))
    before = value.next
  } while (before !== undefined)
  expect(found).toEqual(['pelican c', 'pelican b', 'pelican a'])
})

test('[MC-5] a place of another log, and two places at once, are refused', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way, scopes: ['watch'] })
  const sessionId = await relay.source.start('placed')
  const { cursor } = (await agent.call('read_session', { sessionId })).value
  const events = (args: object) => agent.call('get_session_events', { sessionId, ...args })
  expect(await events({ before: 'nolog.7' })).toMatchObject(refused('cursor_unknown', 'Read'))
  const both = await events({ before: cursor, after: cursor })
  expect(both).toMatchObject(refused('invalid_request', 'not both'))
  const page = await agent.call('read_session', { sessionId, page: 'log:nolog.7' })
  expect(page).toMatchObject(refused('cursor_unknown', 'Read'))
})

test('[MC-6] prompts of a session that is none are refused, of one joined to another are that one’s', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way, scopes: ['watch'] })
  const { source } = relay
  const hidden = await source.start('seen from the cloud')
  const shown = await source.start('seen here')
  await source.say(hidden, 'session.joined', { into: shown })
  await source.ask(shown, 'per_1', shellAsk('ls'))
  const pending = (sessionId: string) => agent.call('list_pending', { sessionId })
  expect(await pending('ses_none')).toMatchObject(refused('session_not_found', 'list_sessions'))
  expect((await pending(hidden)).value).toMatchObject({ prompts: [{ sessionId: shown }] })
})

test('[MC-6] an answer of the wrong kind is told which tool it is for', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const { source } = relay
  const sessionId = await source.start('asks')
  const choices = [{ label: 'A' }, { label: 'B' }]
  const questions = [{ question: 'Which?', multiple: false, choices }]
  await source.ask(sessionId, 'per_1', shellAsk('ls'))
  await source.ask(sessionId, 'per_2', { kind: 'question', questions })
  const { prompts } = (await agent.call('list_pending', { sessionId })).value
  const named = (at: number) => ({
    ...{ sessionId, permissionId: prompts[at].permissionId, shownHash: prompts[at].shownHash },
  })
  const allowed = await agent.call('answer_permission', { ...named(1), decision: 'allow' })
  expect(allowed).toMatchObject(refused('invalid_request', 'answer_question'))
  const answers = [{ question: 'Which?', choices: ['C'] }]
  const unfit = await agent.call('answer_question', { ...named(1), answers })
  expect(unfit).toMatchObject(refused('invalid_request', 'a choice was not offered'))
  const told = await agent.call('answer_question', { ...named(0), talk: 'why?' })
  expect(told).toMatchObject(refused('invalid_request', 'answer_permission'))
  expect(source.performed).toEqual([])
})
