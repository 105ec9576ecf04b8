import { expect, test } from 'vitest'
import {
  answers,
  asks,
  commandId,
  phone,
  result,
  toldSession,
  toolResult,
} from './fixtures/told-session.ts'

const allow = {
  behavior: 'allow',
  updatedInput: { command: 'touch made.txt', description: 'make a file' },
}
const deny = { behavior: 'deny', message: 'User denied permission' }
const asking = { worker: 'requires_action' } as const
const hint = (requestId: string) => ({ ...asking, pending: [{ requestId }] })

type Told = ReturnType<typeof toldSession>
const note = (session: Told, requestId = 'req-1') => {
  session.reader.expect({
    uuid: `answer-${requestId}`,
    commandId: commandId('yes'),
    by: phone,
    answers: { permissionId: `per_${requestId}` as never, resolved: { outcome: 'allowed' } },
  })
}
const endings = (session: Told) =>
  session
    .of('permission.resolved')
    .map(
      ({ outcome, by }) =>
        `${outcome} ${by.kind === 'device' ? by.name : by.kind === 'source' && by.name ? by.name : by.kind}`,
    )

test('an answer from here counts after a second without the worker’s word, once [A-55] [PE-3] [I11]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  note(session)
  session.sent(answers('req-1', allow))
  session.take(session.reader.readDelivery({ eventId: 'answer-req-1', status: 'received' }))
  expect(session.of('permission.resolved')).toEqual([])
  expect(session.reader.settlesAtMs).toBe(session.now() + 1_000)
  session.later(1_000)
  session.take(session.reader.settle())
  session.say(toolResult('toolu_1', ''))
  session.say(result())
  expect(session.of('permission.resolved')).toMatchObject([
    { outcome: 'allowed', by: phone, causedBy: commandId('yes') },
  ])
  expect(session.observed.filter(({ kind }) => kind === 'resolved')).toEqual([
    { kind: 'resolved', permissionId: 'per_req-1', by: 'here' },
  ])
})

test('the result of its call settles an answer at once, also after a restart [A-53]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  note(session)
  session.restart()
  session.sent(answers('req-1', allow))
  session.restart()
  session.say(toolResult('toolu_1', ''))
  expect(endings(session)).toEqual(['allowed Ada’s phone'])
})

test('where both answered, the desk’s word counts [A-55] [I11]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  note(session)
  session.sent(answers('req-1', allow))
  session.take(session.reader.readDelivery({ eventId: 'answer-req-1', status: 'received' }))
  session.later(50)
  session.say(answers('req-1', deny, 'desk'))
  session.say({ type: 'control_cancel_request', request_id: 'req-1' })
  session.later(5_000)
  session.take(session.reader.settle())
  expect(endings(session)).toEqual(['denied terminal'])
  expect(session.observed).toContainEqual({
    kind: 'resolved',
    permissionId: 'per_req-1',
    by: 'desk',
  })
})

test('another device’s answer is told as that, and a later one of ours is not [A-61]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  note(session)
  session.sent(answers('req-1', { behavior: 'deny', message: 'not now' }, 'theirs'))
  session.sent(answers('req-1', allow))
  for (const eventId of ['theirs', 'answer-req-1'])
    session.take(session.reader.readDelivery({ eventId, status: 'received' }))
  session.later(1_000)
  session.take(session.reader.settle())
  expect(endings(session)).toEqual(['denied another device'])
  expect(session.of('permission.resolved')[0]?.text).toBe('not now')
})

test('an answer that closes nothing leaves the prompt open [A-61]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  session.sent({
    type: 'control_response',
    response: { subtype: 'error', request_id: 'req-1', error: 'no' },
  })
  session.sent(answers('toolu_1', allow, 'wrong-id'))
  session.later(10_000)
  session.take(session.reader.settle())
  expect(session.reader.prompts.size).toBe(1)
})

test('an answer to a worker that is away counts only once it is back [A-61]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  session.row({ ...hint('req-1'), connection: 'disconnected' })
  note(session)
  session.sent(answers('req-1', allow))
  session.later(60_000)
  session.take(session.reader.settle())
  expect(endings(session)).toEqual([])
  session.take(session.reader.readDelivery({ eventId: 'answer-req-1', status: 'received' }))
  session.later(1_000)
  session.take(session.reader.settle())
  expect(endings(session)).toEqual(['allowed Ada’s phone'])
})

const taken = (session: Told, requestId = 'req-1') =>
  session.take(session.reader.readDelivery({ eventId: `answer-${requestId}`, status: 'received' }))
const settle = (session: Told, afterMs: number) => {
  session.later(afterMs)
  session.take(session.reader.settle())
}

test('an answer no worker has taken is not told as if it counted, be it there or not [A-45] [PE-3]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  session.row(hint('req-1'))
  note(session)
  session.sent(answers('req-1', allow))
  settle(session, 3_600_000)
  session.row({ ...hint('req-1'), title: 'Shop' })
  expect(session.reader.settlesAtMs).toBeUndefined()
  expect(endings(session)).toEqual([])
  taken(session)
  settle(session, 1_000)
  settle(session, 1_000)
  expect(endings(session)).toEqual(['allowed Ada’s phone'])
})

test('that an answer was taken may be heard before the answer itself [A-48]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  note(session)
  taken(session)
  settle(session, 5_000)
  expect(endings(session)).toEqual([])
  session.sent(answers('req-1', allow))
  settle(session, 0)
  expect(endings(session)).toEqual(['allowed Ada’s phone'])
})

test('the list’s word that nothing is asked any more makes a stored answer count [A-21] [A-55]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  session.row(hint('req-1'))
  note(session)
  session.sent(answers('req-1', allow))
  session.row({ worker: 'running' })
  settle(session, 1_500)
  expect(endings(session)).toEqual(['allowed Ada’s phone'])
})

test('where deliveries are not heard, an answer counts that lay there for twenty seconds for a worker that is connected [A-81]', () => {
  const session = toldSession({ hearsDeliveries: false })
  session.say(asks('req-1', 'toolu_1'))
  session.row({ ...hint('req-1'), connection: 'disconnected' })
  note(session)
  session.sent(answers('req-1', allow))
  settle(session, 3_600_000)
  expect(endings(session)).toEqual([])
  session.row(hint('req-1'))
  expect(session.reader.settlesAtMs).toBe(session.now() + 20_000)
  session.later(10_000)
  session.row({ ...hint('req-1'), connection: 'disconnected' })
  expect(session.reader.settlesAtMs).toBeUndefined()
  session.row(hint('req-1'))
  settle(session, 19_000)
  expect(endings(session)).toEqual([])
  settle(session, 1_000)
  expect(endings(session)).toEqual(['allowed Ada’s phone'])
})

test('a yes nobody took is no reason why a turn was broken off, a no is [A-67]', () => {
  for (const [answer, ending] of [
    [allow, 'withdrawn source'],
    [deny, 'denied another device'],
  ] as const) {
    const session = toldSession()
    session.say(asks('req-1', 'toolu_1'))
    session.sent(answers('req-1', answer))
    session.say(result({ terminal_reason: 'aborted_tools' }))
    expect(endings(session)).toEqual([ending])
  }
})

test('that an answer is on its way is known until it is over, also after a restart [PE-3]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  const answeredWith = () => session.reader.prompts.get('per_req-1' as never)?.answeredWith
  expect(answeredWith()).toBeUndefined()
  session.sent(answers('req-1', allow, 'theirs'))
  session.restart()
  expect(answeredWith()).toBe('theirs')
  const saved = session.reader.save().replace('"uuid":"theirs"', '"uuid":7')
  session.restart(saved)
  expect(session.reader.prompts.size).toBe(1)
  expect(answeredWith()).toBeUndefined()
})
