import { bareWords, type CommandOf, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { startMcpAgent, type Way } from '../support/mcp-agent.ts'
import { createScriptedSource, type ScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

type Prompt = CommandOf<'prompt'>

const way: Way = { via: 'http', protocol: '2026-07-28' }
const patience = { timeoutS: 15 }

/** What a session tells, in the words of these tests. */
const tellerOf = (source: ScriptedSource, sessionId: SessionId) => ({
  hear: ({ commandId, text }: Prompt, named = true) =>
    source.say(sessionId, 'message.person', {
      messageId: `p ${commandId}`,
      text,
      from: 'person',
      ...(named && { causedBy: commandId }),
    }),
  stage: ({ commandId }: Prompt, stage: string) =>
    source.say(sessionId, 'command.progressed', { commandId, stage, causedBy: commandId }),
  begin: () => source.say(sessionId, 'turn.started'),
  reply: (text: string) => source.say(sessionId, 'message.agent', { messageId: text, text }),
  end: (outcome = 'finished') => source.say(sessionId, 'turn.ended', { outcome }),
})

/** The messages that have reached the source. */
const sentTo = ({ performed }: ScriptedSource) =>
  performed.map(({ command }) => command as Prompt).filter(({ type }) => type === 'prompt')

const firstTo = (source: ScriptedSource) => until(() => sentTo(source)[0], { what: 'the message' })

test('[MC-6] [CM-8] messages that wait at their machine are each answered by their own turn', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const { source } = relay
  const sessionId = await source.start('queues')
  const { hear, stage, begin, reply, end } = tellerOf(source, sessionId)
  await begin()
  const answers = ['one', 'two'].map(async (text) => {
    await until(() => sentTo(source).length === (text === 'one' ? 0 : 1))
    return (await agent.call('send_and_wait', { sessionId, text, ...patience })).value
  })
  await until(() => sentTo(source).length === 2)
  const messages = sentTo(source)
  for (const message of messages) {
    await stage(message, 'stored')
    await hear(message)
    await stage(message, 'received')
  }
  await reply('what was under way')
  await end()
  for (const message of messages) {
    await stage(message, 'processing')
    await begin()
    await reply(`to ${bareWords(message.text)}`)
    await end()
    await stage(message, 'processed')
  }
  expect(await Promise.all(answers)).toMatchObject([
    { outcome: 'finished', reply: 'to one' },
    { outcome: 'finished', reply: 'to two' },
  ])
})

test('[MC-6] a record that names no command is known by its words', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const { source } = relay
  const sessionId = await source.start('unnamed')
  const { hear, begin, reply, end } = tellerOf(source, sessionId)
  const waiting = agent.call('send_and_wait', { sessionId, text: ' do\tit ', ...patience })
  const message = await firstTo(source)
  await hear({ ...message, text: 'something else' }, false)
  await begin()
  await reply('not for you')
  await end()
  await hear({ ...message, text: 'do it' }, false)
  await reply('for you')
  await end()
  expect((await waiting).value).toMatchObject({ outcome: 'finished', reply: 'for you' })
})

test('[MC-6] wait_for with a message waits for the end of its own turn, before and after it', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const { source } = relay
  const sessionId = await source.start('goes on')
  const { hear, begin, reply, end } = tellerOf(source, sessionId)
  await begin()
  const sent = await agent.call('send_and_wait', { sessionId, text: 'go', timeoutS: 1 })
  expect(sent.value).toMatchObject({ outcome: 'timed_out', isSent: true, reply: '' })
  const { commandId, cursor: after } = sent.value
  const wait = (args: object) =>
    agent.call('wait_for', { sessionId, commandId, ...patience, ...args })
  const waiting = [wait({ after }), wait({ turnEnded: true })]
  await reply('what was under way')
  await end()
  await hear(sentTo(source)[0] as Prompt)
  await begin()
  await reply('first')
  await source.ask(sessionId, 'per_1', shellAsk('ls'))
  // Anything counts for the first, and only the turn for the second.
  const [asked] = await Promise.all(waiting.slice(0, 1))
  expect(asked?.value).toMatchObject({
    happened: 'prompt_pending',
    reply: 'first',
    prompts: [{ permissionId: 'per_1' }],
  })
  const by = { kind: 'source' }
  await source.say(sessionId, 'permission.resolved', {
    permissionId: 'per_1',
    outcome: 'denied',
    by,
  })
  await reply('second')
  await end('interrupted')
  const whole = { happened: 'turn_ended', outcome: 'interrupted', reply: 'first\n\nsecond' }
  expect((await waiting[1])?.value).toMatchObject(whole)
  await begin()
  await reply('another turn')
  await end()
  expect((await wait({ after: asked?.value.cursor })).value).toMatchObject(whole)
  expect((await wait({})).value).toMatchObject(whole)
})

test('[MC-6] a message that is sent without waiting can be waited for by its id', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const { source } = relay
  const sessionId = await source.start('later')
  const { hear, begin, reply, end } = tellerOf(source, sessionId)
  const { commandId } = (await agent.call('send_message', { sessionId, text: 'go' })).value
  const waiting = agent.call('wait_for', { sessionId, commandId, ...patience })
  await begin()
  await hear(await firstTo(source))
  await reply('gone')
  await end()
  expect((await waiting).value).toMatchObject({ happened: 'turn_ended', reply: 'gone' })
})

test('[MC-6] whoever waits for a message the session has not heard of is told so', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const sessionId = await relay.source.start('asked')
  const other = await relay.source.start('not asked')
  const { commandId } = (await agent.call('send_message', { sessionId, text: 'go' })).value
  const wait = async (args: object) =>
    (await agent.call('wait_for', { commandId, timeoutS: 1, ...args })).value
  const happened = 'timed_out'
  const doubt = expect.stringContaining('no such message')
  expect(await wait({ sessionId: other })).toMatchObject({ happened, doubt })
  expect(await wait({ sessionId, commandId: 'cmd_unheard_of' })).toMatchObject({ happened, doubt })
  expect(await wait({ sessionId })).not.toHaveProperty('doubt')
})

test('[MC-6] what a subagent says and ends is not what is waited for', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const { source } = relay
  const sessionId = await source.start('delegates')
  const { cursor: after } = (await agent.call('read_session', { sessionId })).value
  const subagent = { agentId: 'a' }
  const said = { messageId: 'sub', text: 'a pelican', subagent }
  await source.say(sessionId, 'message.agent', said)
  await source.say(sessionId, 'turn.ended', { outcome: 'failed', subagent })
  const { reply, end } = tellerOf(source, sessionId)
  await reply('the pelican itself')
  await end()
  for (const named of [{ turnEnded: true }, { textMatches: 'pelican' }]) {
    const { value } = await agent.call('wait_for', { sessionId, after, ...named, ...patience })
    expect(value.reply).toBe('the pelican itself')
    expect(value.outcome).not.toBe('failed')
  }
})

test('[MC-6] waiting on a session that has ended, from after its end, is over at once', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const sessionId = await relay.source.start('over')
  await relay.source.say(sessionId, 'session.ended', { reason: 'exited' })
  const { cursor: after } = (await agent.call('read_session', { sessionId })).value
  for (const args of [{ after }, {}, { after, commandId: 'cmd_unheard_of' }]) {
    const answer = await agent.call('wait_for', { sessionId, ...patience, ...args })
    expect(answer.value).toMatchObject({ happened: 'session_ended' })
  }
})

test('[MC-6] [CM-8] what nobody confirmed is said to be in doubt', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const sessionId = await relay.source.start('asleep')
  relay.source.onPerform = async () => ({ unconfirmed: 'Its machine may be asleep.' })
  const { value } = await agent.call('send_and_wait', { sessionId, text: 'x', timeoutS: 1 })
  expect(value).toMatchObject({ outcome: 'timed_out', doubt: 'Its machine may be asleep.' })
})

test('[MC-6] a session joined to another is one row, and what is for it goes there', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay, { way })
  const { source } = relay
  const hidden = await source.start('seen from the cloud')
  const shown = await source.start('seen here')
  const { hear, reply, end } = tellerOf(source, shown)
  const rows = async () => {
    const { sessions } = (await agent.call('list_sessions')).value
    return sessions.map((one: { sessionId: string }) => one.sessionId).sort()
  }
  expect(await rows()).toEqual([shown, hidden].sort())
  await source.say(hidden, 'session.joined', { into: shown })
  expect(await rows()).toEqual([shown])
  await source.ask(shown, 'per_1', shellAsk('ls'))
  expect((await agent.call('list_pending')).value.prompts).toMatchObject([{ sessionId: shown }])
  const [{ permissionId, shownHash }] = (await agent.call('list_pending')).value.prompts
  const answer = { sessionId: hidden, permissionId, shownHash, decision: 'deny' }
  expect(await agent.call('answer_permission', answer)).toMatchObject({ isError: false })
  await source.say(shown, 'permission.resolved', {
    permissionId,
    outcome: 'denied',
    by: { kind: 'source' },
  })
  const waiting = agent.call('send_and_wait', { sessionId: hidden, text: 'go', ...patience })
  const message = await firstTo(source)
  expect(message.sessionId).toBe(shown)
  await hear(message)
  await reply('gone')
  await end()
  expect((await waiting).value).toMatchObject({ sessionId: shown, reply: 'gone' })
  const read = await agent.call('read_session', { sessionId: hidden })
  expect(read.value).toMatchObject({ sessionId: shown })
  expect(JSON.stringify(read.value.rows)).toContain('gone')
})

test('[MC-4] [MC-6] what was asked and answered while the line was broken blocks nothing', async () => {
  const relay = await startRelay()
  const { dataDir, source } = relay
  const sessionId = await source.start('breaks')
  await using agent = await startMcpAgent(relay)
  const waiting = agent.call('send_and_wait', { sessionId, text: 'x', timeoutS: 19 })
  await tellerOf(source, sessionId).hear(await firstTo(source))
  await relay.stop()
  const next = createScriptedSource()
  const say = (type: 'turn.ended', fields: object) =>
    next.say(sessionId, type, { dedupeKey: `later ${type}`, ...fields })
  await using _again = await startRelay({ dataDir, source: next })
  await next.running
  const by = { kind: 'source' }
  await next.ask(sessionId, 'per_1', shellAsk('ls'))
  await next.say(sessionId, 'permission.resolved', {
    ...{ dedupeKey: 'later', permissionId: 'per_1', outcome: 'allowed', by },
  })
  await say('turn.ended', { outcome: 'finished' })
  expect((await waiting).value).toMatchObject({ outcome: 'finished' })
  await relay[Symbol.asyncDispose]()
})

test('[CM-1] [MC-6] over a relay that restarts while it sends, a message is sent once, and what is not known is said to be so', async () => {
  const relay = await startRelay()
  const { dataDir, source } = relay
  const sessionId = await source.start('restarts')
  await using agent = await startMcpAgent(relay)
  source.onPerform = () => new Promise(() => {})
  const waiting = agent.call('send_and_wait', { sessionId, text: 'x', timeoutS: 19 })
  await firstTo(source)
  await relay.stop()
  const next = createScriptedSource()
  await using _again = await startRelay({ dataDir, source: next })
  const lost = await waiting
  expect(lost).toMatchObject({ isError: true, value: { code: 'source_unreachable' } })
  expect(lost.value.text).toContain('it is not known whether this was taken')
  expect(next.performed).toEqual([])
  await relay[Symbol.asyncDispose]()
})
