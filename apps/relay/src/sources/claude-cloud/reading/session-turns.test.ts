import { expect, test } from 'vitest'
import {
  call,
  result,
  says,
  text,
  toldSession,
  toolResult,
  words,
} from './fixtures/told-session.ts'

type Told = ReturnType<typeof toldSession>
const turns = (session: Told) =>
  session.drafts.flatMap((draft) =>
    draft.type === 'turn.started'
      ? ['started']
      : draft.type === 'turn.ended'
        ? [draft.outcome]
        : [],
  )
const human = { origin: { kind: 'human' } }

test('a turn begins with the first sign of work and ends with its result [A-75]', () => {
  const session = toldSession()
  session.sent(words('Go', { uuid: 'm1' }))
  expect(session.reader.isTurnOpen).toBe(false)
  session.take(session.reader.readDelivery({ eventId: 'm1', status: 'processing' }))
  expect(session.reader.isTurnOpen).toBe(true)
  session.say(says([text('Done')]))
  session.say(result({ duration_ms: 1200, num_turns: 1 }))
  session.take(session.reader.readDelivery({ eventId: 'm1', status: 'processed' }))
  expect(turns(session)).toEqual(['started', 'finished'])
  expect(session.of('turn.ended')[0]?.durationMs).toBe(1200)
  expect(session.observed.filter(({ kind }) => kind === 'turn')).toHaveLength(2)
})

test('a message that waits for the next turn begins that one, not this one [A-46]', () => {
  const session = toldSession()
  session.say(words('Go', human))
  session.sent(words('And then this', { uuid: 'm2' }))
  session.say(result())
  session.say(says([text('That too is done')]))
  session.say(result())
  expect(turns(session)).toEqual(['started', 'finished', 'started', 'finished'])
})

test('words that come after an empty result are the rest of that turn [A-75]', () => {
  const session = toldSession()
  session.say(words('Go', human))
  session.say(result())
  session.say(says([text('The last words')]))
  expect(turns(session)).toEqual(['started', 'finished'])
  expect(session.seen().status).toBe('idle')
  session.say(result())
  expect(turns(session)).toEqual(['started', 'finished', 'started', 'finished'])
})

test('a background task’s end lets the agent go on by itself [A-75]', () => {
  const session = toldSession()
  session.say(words('Go', human))
  session.say(result())
  session.say({
    type: 'system',
    subtype: 'task_notification',
    task_id: 't1',
    status: 'completed',
    summary: 'Tests passed',
  })
  session.say(says([text('The tests passed')]))
  expect(turns(session)).toEqual(['started', 'finished', 'started'])
  expect(session.of('message.note')[0]?.text).toBe('Tests passed')
})

test('an interrupted turn is that, whichever of its signs comes first [A-67] [A-76]', () => {
  const interrupt = { type: 'control_request', request_id: 'i', request: { subtype: 'interrupt' } }
  const aborted = says([text('I was about')], { aborted: true })
  const said = words('[Request interrupted by user]')
  const orders: ((session: Told) => void)[] = [
    (session) => {
      session.say(result({ terminal_reason: 'aborted_streaming' }))
      session.say(aborted)
    },
    (session) => {
      session.say(aborted)
      session.say(said)
      session.say(
        result({ subtype: 'error_during_execution', is_error: true, terminal_reason: undefined }),
      )
    },
    (session) => {
      session.say(aborted)
      session.say(
        result({ subtype: 'error_during_execution', is_error: true, terminal_reason: undefined }),
      )
      session.say(said)
    },
  ]
  for (const order of orders) {
    const session = toldSession()
    session.say(words('Go', human))
    session.sent(interrupt)
    order(session)
    // What was cut off is no beginning of anything.
    session.say(result())
    expect(turns(session)).toEqual(['started', 'interrupted'])
    expect(session.of('message.agent')).toHaveLength(1)
  }
})

test('what was under way when the agent was stopped does not run for ever [A-67]', () => {
  const session = toldSession()
  session.say(words('Go', human))
  session.say(
    says([call('t1', 'Bash', { command: 'sleep 900' }), call('t2', 'Bash', { command: 'ls' })]),
  )
  session.say(toolResult('t2', 'a.txt'))
  session.say(result({ terminal_reason: 'aborted_tools' }))
  expect(session.of('tool.ended')).toMatchObject([
    { toolCallId: 't2', outcome: 'ok' },
    { toolCallId: 't1', outcome: 'interrupted' },
  ])
})

test('how a turn failed is said in words [A-76]', () => {
  const failures: [object, string][] = [
    [{ subtype: 'error_during_execution', is_error: true, errors: ['boom'] }, 'boom'],
    [{ terminal_reason: 'prompt_too_long' }, 'What was said no longer fits the model.'],
    [
      { subtype: 'error_max_turns', is_error: true, terminal_reason: 'max_turns' },
      'It reached the most steps it may take in one turn.',
    ],
    [{ is_error: true, terminal_reason: 'new_reason' }, 'It ended with an error.'],
  ]
  for (const [fields, error] of failures) {
    const session = toldSession()
    session.say(words('Go', human))
    session.say(result({ ...fields }))
    expect(session.of('turn.ended')).toMatchObject([{ outcome: 'failed', error }])
  }
})

test('an error of the API is a note and the turn’s end, which its result does not double [A-76]', () => {
  const session = toldSession()
  session.say(words('Go', human))
  session.say(
    says([text('API Error: overloaded')], { isApiErrorMessage: true, error: 'overloaded' }),
  )
  session.say(result())
  expect(turns(session)).toEqual(['started', 'failed'])
  expect(session.of('message.note')).toMatchObject([
    { text: 'API Error: overloaded', tone: 'warning' },
  ])
})

test('a result after the turn’s end was told otherwise is not taken for the next turn’s [A-75]', () => {
  const session = toldSession()
  session.say(words('Go', human))
  session.sent(words('And this', { uuid: 'm2' }))
  session.say(says([text('API Error: overloaded')], { isApiErrorMessage: true }))
  session.say(result())
  expect(turns(session)).toEqual(['started', 'failed'])
  session.say(says([text('Now that')]))
  expect(turns(session)).toEqual(['started', 'failed', 'started'])
})

test('a turn without a result ends when the worker rests, and its late result adds nothing [A-75]', () => {
  const session = toldSession()
  session.say(words('/cost', human))
  session.row({ worker: 'idle', lastEventAtMs: session.now() })
  expect(session.reader.isTurnOpen).toBe(true)
  session.later(10_000)
  session.row({ worker: 'idle', lastEventAtMs: session.now() - 10_000 })
  session.say(result())
  expect(turns(session)).toEqual(['started', 'finished'])
})

test('a turn whose worker was started anew ends when nothing is heard, though the list says it once [A-22] [A-75]', () => {
  const session = toldSession()
  session.say(words('Go', human))
  session.later(1_000)
  session.say(says([text('On it')]))
  session.row({ worker: 'idle', lastEventAtMs: session.now() })
  session.later(8_000)
  session.say(says([text('Still on it')]))
  session.later(8_000)
  session.take(session.reader.settle())
  expect(session.reader.isTurnOpen).toBe(true)
  session.later(2_000)
  expect(session.reader.settlesAtMs).toBe(session.now())
  session.take(session.reader.settle())
  expect(turns(session)).toEqual(['started', 'finished'])
})

test('what was said while the list was told that the worker rests leaves no turn open [A-22] [A-75]', () => {
  const session = toldSession()
  session.later(60_000)
  const saidAtMs = session.now()
  session.later(60_000)
  session.row({ worker: 'idle', lastEventAtMs: saidAtMs })
  session.say(says([text('Said meanwhile')]), { createdAtMs: saidAtMs })
  session.take(session.reader.settle())
  expect(session.reader.isTurnOpen).toBe(false)
})

test('a turn whose message is done with, or whose worker says it is idle, ends soon without a result [A-49] [A-75]', () => {
  const over: ((session: Told) => void)[] = [
    (session) => session.take(session.reader.readDelivery({ eventId: 'm1', status: 'processed' })),
    (session) => session.say({ type: 'system', subtype: 'session_state_changed', state: 'idle' }),
  ]
  for (const end of over) {
    const session = toldSession()
    session.say(words('/cost', { ...human, uuid: 'm1' }))
    end(session)
    session.take(session.reader.settle())
    expect(session.reader.isTurnOpen).toBe(true)
    session.later(2_000)
    expect(session.reader.settlesAtMs).toBe(session.now())
    session.take(session.reader.settle())
    expect(turns(session)).toEqual(['started', 'finished'])
  }
})

test('another command’s delivery ends no turn [A-48]', () => {
  const session = toldSession()
  session.later(1)
  session.say(words('Go', human))
  session.take(session.reader.readDelivery({ eventId: 'set-model-1', status: 'processed' }))
  expect(session.reader.settlesAtMs).toBeUndefined()
})

test('flags of the list neither begin a turn nor end a busy one [A-22]', () => {
  const session = toldSession()
  session.later(3_600_000)
  session.row({ worker: 'running' })
  expect(session.reader.isTurnOpen).toBe(false)
  session.say(says([call('t1', 'Bash', { command: 'sleep 900' })]))
  session.later(900_000)
  session.row({ worker: 'running', lastEventAtMs: session.now() - 900_000 })
  session.row({
    worker: 'idle',
    connection: 'disconnected',
    lastEventAtMs: session.now() - 900_000,
  })
  expect(session.reader.isTurnOpen).toBe(true)
})

test('a turn that is read from its middle, and on after a restart, is one turn [I5]', () => {
  const session = toldSession()
  session.say(toolResult('t0', 'x'))
  session.restart()
  session.say(says([text('Done')]))
  session.restart()
  session.say(result())
  expect(turns(session)).toEqual(['started', 'finished'])
})

test('what a command of the program answers with is shown, and cost is not added up [A-76]', () => {
  const session = toldSession()
  session.say(words('/context', human))
  session.say(result({ result: '42 % used', total_cost_usd: 3 }))
  expect(session.of('message.note')).toMatchObject([{ text: '42 % used' }])
})

test('a flag that says working is believed for a while without an event, longer with a call under way, and not before all is read [A-22]', () => {
  const minute = 60_000
  const running = (session: Told, lastEventAtMs: number) =>
    session.row({ worker: 'running', lastEventAtMs })
  const begun = (content: unknown) => {
    const session = toldSession()
    session.say(words('Go', human))
    session.say(says([content]))
    return { session, atMs: session.now() }
  }
  const talking = begun(text('On it'))
  talking.session.later(14 * minute)
  running(talking.session, talking.atMs)
  expect(turns(talking.session)).toEqual(['started'])
  talking.session.restart()
  talking.session.later(minute)
  running(talking.session, talking.session.now() - 15 * minute + 1)
  expect(turns(talking.session)).toEqual(['started'])
  running(talking.session, talking.atMs)
  expect(turns(talking.session)).toEqual(['started', 'interrupted'])

  const calling = begun(call('toolu_1', 'Bash', { command: 'make' }))
  calling.session.later(89 * minute)
  running(calling.session, calling.atMs)
  expect(turns(calling.session)).toEqual(['started'])
  calling.session.later(minute)
  running(calling.session, calling.atMs)
  expect(turns(calling.session)).toEqual(['started', 'interrupted'])
  expect(calling.session.rows().at(-2)).toMatchObject({ kind: 'tool', state: 'interrupted' })
})
