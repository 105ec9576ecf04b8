import { expect, test } from 'vitest'
import {
  call,
  commandId,
  phone,
  says,
  text,
  toldSession,
  toolResult,
  words,
} from './fixtures/told-session.ts'

test('a message of this relay names its command and device, and is stored once with its echo [A-70]', () => {
  const session = toldSession()
  session.reader.expect({ uuid: 'sent-1', commandId: commandId('a'), by: phone })
  session.sent(words('Add a health check', { uuid: 'sent-1', client_platform: 'web_claude_ai' }))
  session.say(
    words('Add a health check', { uuid: 'sent-1', origin: { kind: 'human' }, isReplay: true }),
  )
  expect(session.of('message.person')).toMatchObject([
    {
      text: 'Add a health check',
      from: 'person',
      deviceName: 'Ada’s phone',
      causedBy: commandId('a'),
    },
  ])
  expect(session.of('command.progressed')).toMatchObject([{ stage: 'stored' }])
  const stored = { kind: 'stored', uuid: 'sent-1', source: 'client', from: 'person' }
  expect(session.observed).toContainEqual(stored)
})

test('an event belongs to the session it was read from, whatever id its payload names [A-16]', () => {
  const session = toldSession()
  const [own] = session.of('session.started')
  for (const id of ['cse_other', '0b53be5d-2f5c-4a07-9d9c-5f0b8a1c2d3e', 42]) {
    session.say(says(`for ${id}`, { session_id: id }))
  }
  const told = session.of('message.agent')
  expect(told).toHaveLength(3)
  expect(new Set(told.map(({ sessionId }) => sessionId))).toEqual(new Set([own?.sessionId]))
})

test('whose a message is, is said by its stamp, and by the echo where it has none [A-4]', () => {
  const session = toldSession()
  const from = () => {
    const last = session.observed.findLast(({ kind }) => kind === 'stored')
    return last?.kind === 'stored' ? last.from : undefined
  }
  const seen = [{}, { client_platform: 'ios' }, { client_platform: 'claude_code_sdk' }].map(
    (stamp) => {
      session.sent(words('Go', stamp))
      return from()
    },
  )
  expect(seen).toEqual([undefined, 'person', 'peer'])
  session.say(words('Go', { origin: { kind: 'human' } }))
  expect(from()).toBe('person')
})

test('how far a message got is told by the record too, where nobody heard it live [CM-8] [A-49]', () => {
  const session = toldSession()
  session.reader.expect({ uuid: 'sent-1', commandId: commandId('a'), by: phone })
  session.take(
    session.reader.read(
      session.event(words('Go', { uuid: 'sent-1' }), { source: 'client', delivered: 'received' }),
    ),
  )
  expect(session.of('command.progressed')).toMatchObject([
    { stage: 'stored' },
    { stage: 'received' },
  ])
  const word = { kind: 'delivery', eventId: 'sent-1', status: 'received' }
  expect(session.observed).toContainEqual(word)
})

test('how far a message got is told stage by stage, each once [CM-8] [A-48]', () => {
  const session = toldSession()
  session.reader.expect({ uuid: 'sent-1', commandId: commandId('a'), by: phone })
  session.sent(words('Go', { uuid: 'sent-1' }))
  for (const status of ['received', 'received', 'processing', 'processed', 'received']) {
    session.take(session.reader.readDelivery({ eventId: 'sent-1', status }))
  }
  const again = session.reader.readDelivery({ eventId: 'sent-1', status: 'received' })
  expect(again.drafts).toEqual([])
  const stages = session.of('command.progressed').map(({ stage }) => stage)
  expect(stages).toEqual(['stored', 'received', 'processing', 'processed'])
})

test('a message that arrived as another session’s is said to have [A-4]', () => {
  const session = toldSession()
  session.reader.expect({ uuid: 'sent-1', commandId: commandId('a'), by: phone })
  session.sent(words('Go', { uuid: 'sent-1' }))
  session.say(
    words('Another Claude session sent a message:\nGo', {
      uuid: 'sent-1',
      origin: { kind: 'peer', from: 'unknown' },
      isSynthetic: true,
    }),
  )
  expect(session.of('message.note')).toMatchObject([{ tone: 'warning' }])
  expect(session.of('message.person')).toHaveLength(1)
})

test('what was typed at the desk is a person’s, what another session said is a peer’s [A-70]', () => {
  const session = toldSession()
  session.say(words('from the desk', { origin: { kind: 'human' } }))
  session.say(
    words(
      'Another Claude session sent a message:\n<cross-session-message from="x">hello</cross-session-message>',
      {
        origin: { kind: 'peer', from: 'x' },
        isSynthetic: true,
      },
    ),
  )
  expect(session.of('message.person')).toMatchObject([
    { text: 'from the desk', from: 'person' },
    { text: 'hello', from: 'peer' },
  ])
  expect(session.of('message.person')[0]).not.toHaveProperty('deviceName')
})

test('two waiting messages that come back as one are not shown again [A-46]', () => {
  const session = toldSession()
  session.sent(words('first', { uuid: 'a' }))
  session.sent(words('second', { uuid: 'b' }))
  session.say({
    type: 'user',
    message: { role: 'user', content: [text('first'), text('second')] },
    origin: { kind: 'human' },
  })
  expect(session.of('message.person').map((one) => one.text)).toEqual(['first', 'second'])
  expect(session.seen().status).toBe('working')
})

test('messages that come back as one after a restart, one of them as a peer’s, are not shown again [A-46]', () => {
  const session = toldSession()
  session.sent(words('first', { uuid: 'a' }))
  session.sent(words('second', { uuid: 'b' }))
  session.restart()
  const merged = {
    type: 'user',
    message: {
      role: 'user',
      content: [text('Another Claude session sent a message:\nfirst'), text('second')],
    },
    origin: { kind: 'human' },
  }
  session.say(merged)
  session.say(merged)
  expect(session.of('message.person').map((one) => one.text)).toEqual(['first', 'second'])
})

test('what the program says as a user is nobody’s words [A-70]', () => {
  const session = toldSession()
  session.say(words('This session continues from an earlier one.', { isSynthetic: true }))
  session.say(words('[Image: source: /tmp/a.png]', { isSynthetic: true }))
  session.say(words('<local-command-stdout>Total: 3</local-command-stdout>', { isReplay: true }))
  expect(session.of('message.person')).toEqual([])
  expect(session.of('message.note')).toMatchObject([{ text: 'Total: 3' }])
})

test('an image stands in the message’s words', () => {
  const session = toldSession()
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
  session.say({
    type: 'user',
    message: { role: 'user', content: [image, text('What is this?')] },
    origin: { kind: 'human' },
  })
  expect(session.of('message.person')[0]?.text).toBe('[image]\nWhat is this?')
})

test('the blocks of one message each stand as they come [A-71]', () => {
  const session = toldSession()
  const message = (content: unknown) => ({
    type: 'assistant',
    message: { id: 'msg_x', model: 'claude-opus-5-5', content },
    parent_tool_use_id: null,
  })
  session.say(message([{ type: 'thinking', thinking: '', signature: 'abc' }]))
  session.say(message([text('I look.')]))
  session.say(message([call('toolu_1', 'Bash', { command: 'ls' })]))
  session.say(message([text('Done.')]))
  expect(session.rows().map(({ kind }) => kind)).toEqual(['agent', 'tool', 'agent'])
  expect(session.of('message.thinking')).toEqual([])
})

test('a message that is sent anew as it grows is one row [A-71]', () => {
  const session = toldSession()
  const message = (content: unknown) => ({ type: 'assistant', message: { id: 'msg_x', content } })
  session.say(message([text('I lo')]))
  session.say(message([text('I look at it.')]))
  session.say(message([text('I look at it.'), call('toolu_1', 'Bash', { command: 'ls' })]))
  expect(session.rows()).toMatchObject([{ kind: 'agent', text: 'I look at it.' }, { kind: 'tool' }])
})

test('words that are taken back are replaced by those that come instead [A-71]', () => {
  const session = toldSession()
  session.say(says([text('One way')], { uuid: 'old' }))
  session.restart()
  session.say(says([text('Another way')], { supersedes: ['old'] }))
  expect(session.rows()).toMatchObject([{ kind: 'agent', text: 'Another way' }])
})

test('a subagent’s doings carry its name and its task [A-72]', () => {
  const session = toldSession()
  session.say(
    says([
      call('toolu_task', 'Agent', {
        description: 'Look for bugs',
        prompt: 'p',
        subagent_type: 'Explore',
      }),
    ]),
  )
  session.say(
    says([call('toolu_sub', 'Read', { file_path: '/a.ts' })], { parent_tool_use_id: 'toolu_task' }),
  )
  session.say(words('Look for bugs, in full', { parent_tool_use_id: 'toolu_task' }))
  expect(session.of('tool.started')[1]).toMatchObject({
    subagent: { agentId: 'toolu_task', agentType: 'Explore', description: 'Look for bugs' },
  })
  expect(session.of('message.person')).toEqual([])
})

test('a result says what ran, was refused or was broken off [A-59]', () => {
  const session = toldSession()
  session.say(toolResult('t1', 'ok', { tool_use_result: { stdout: 'hello', stderr: '' } }))
  session.say(
    toolResult(
      't2',
      'changed',
      { tool_result_meta: [{ tool_use_id: 't2', non_execution_kind: 'permission-rule' }] },
      true,
    ),
  )
  session.say(
    toolResult(
      't3',
      'no',
      {
        tool_result_meta: [
          { tool_use_id: 't3', user_feedback: 'no', permission_decision: { behavior: 'reject' } },
        ],
      },
      true,
    ),
  )
  session.say(toolResult('t4', 'broken', {}, true))
  session.say(
    toolResult('t5', 'stop', { tool_result_meta: [{ non_execution_kind: 'interrupted' }] }, true),
  )
  expect(session.of('tool.ended').map(({ outcome }) => outcome)).toEqual([
    'ok',
    'denied',
    'denied',
    'failed',
    'interrupted',
  ])
  expect(session.of('tool.ended')[0]?.result.text).toBe('hello')
})

test('NUL is left out and the rest of the text stands as it was [A-31]', () => {
  const session = toldSession()
  session.say(words('a\u0000b\u001b[31mc\u202e', { origin: { kind: 'human' } }))
  expect(session.of('message.person')[0]?.text).toBe('ab\u001b[31mc\u202e')
})

test('what is not known or not readable is carried plainly and counted [I8] [A-69]', () => {
  const session = toldSession()
  session.say({ type: 'hologram', size: 'x'.repeat(50_000) })
  session.say({ type: 'system', subtype: 'new_thing' })
  session.say({ type: 'user', message: 'none' })
  session.say({ message: 7 })
  session.say({ type: 'keep_alive' })
  expect(session.of('source.note')).toHaveLength(4)
  expect(session.of('source.note')[0]?.raw).toHaveLength(20_000)
  expect(session.skipped).toEqual(['payload', 'payload'])
  for (const payload of [
    { type: 'result', errors: 7 },
    { type: 'control_request' },
    { type: 'system', subtype: 'toString' },
    { type: 'constructor' },
    { type: 'assistant', message: { content: [null, 7, 'x'] } },
    { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt: 1e300 } },
    { type: 'env_manager_log' },
    { type: 'control_response', response: 'x' },
  ]) {
    expect(() => session.say(payload)).not.toThrow()
  }
})

test('reading again, out of order, by both roads or after a restart tells nothing twice [I5] [A-29]', () => {
  const session = toldSession()
  const events = [
    session.event(words('Hello', { origin: { kind: 'human' } })),
    session.event(says([text('Hi')])),
    session.event(says([call('toolu_1', 'Bash', { command: 'ls' })])),
    session.event(toolResult('toolu_1', 'a.txt')),
  ]
  for (const event of events) session.take(session.reader.read(event))
  const before = session.drafts.length
  session.restart()
  for (const event of events)
    expect(session.reader.read(event)).toEqual({ drafts: [], observed: [], signals: [] })
  // The older family has no numbers.
  for (const { sequence: _, ...event } of events) session.take(session.reader.read(event))
  expect(session.drafts).toHaveLength(before)
  expect(session.reader.lastSequence).toBe(4)
  expect(session.reader.firstSequence).toBe(1)
})

test('an event that was passed over is still read when it comes late [A-28]', () => {
  const session = toldSession()
  const [a, b, c] = ['a', 'b', 'c'].map((one) => session.event(says([text(one)])))
  if (!a || !b || !c) return
  for (const event of [a, c, b, b]) session.take(session.reader.read(event))
  expect(session.of('message.agent').map((one) => one.text)).toEqual(['a', 'c', 'b'])
  expect(session.reader.lastSequence).toBe(3)
})

test('partial text is shown until its block has come, and not after [A-35] [SI-2]', () => {
  const session = toldSession()
  const piece = (event: object) =>
    session.take(session.reader.readEphemeral({ type: 'stream_event', event }))
  piece({ type: 'message_start', message: { id: 'msg_live' } })
  piece({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })
  piece({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hel' } })
  piece({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'lo' } })
  session.say({ type: 'assistant', message: { id: 'msg_live', content: [text('Hello there')] } })
  piece({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' there' } })
  const texts = session.signals.flatMap((one) => (one.type === 'text.partial' ? [one.text] : []))
  expect(texts).toEqual(['Hel', 'Hello'])
  piece({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } })
  piece({ type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'More' } })
  expect(session.signals.at(-1)).toMatchObject({ type: 'text.partial', text: 'More' })
})

test('of words that were streaming before anybody listened, no piece is shown after their block [A-35]', () => {
  const session = toldSession()
  const piece = (text: string) =>
    session.reader.readEphemeral({
      type: 'stream_event',
      event: { type: 'content_block_delta', delta: { type: 'text_delta', text } },
    })
  expect(piece('lo')).toMatchObject({ signals: [{ text: 'lo' }] })
  session.say(says([text('Hello there')]))
  expect(piece(' there').signals).toEqual([])
})

test('an event that claims to come from the far future is told as of now [A-29]', () => {
  const session = toldSession()
  session.take(
    session.reader.read({
      ...session.event(says([text('From tomorrow.')])),
      createdAtMs: Date.parse('9999-12-31T23:59:59Z'),
    }),
  )
  const [told] = session.of('message.agent')
  expect(told?.at.slice(0, 4)).not.toBe('9999')
})
