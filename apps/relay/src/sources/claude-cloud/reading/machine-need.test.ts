import { expect, test } from 'vitest'
import { asks, toldSession } from './fixtures/told-session.ts'

const needed = { worker: 'requires_action' } as const
const told = () => {
  const session = toldSession()
  const settle = (ms: number) => {
    session.later(ms)
    session.take(session.reader.settle())
  }
  return { session, settle, notes: () => session.of('message.note').map(({ text }) => text) }
}

test('a session that needs somebody and never says what for is told to wait at its machine, once each time [A-57]', () => {
  const { session, settle, notes } = told()
  session.row(needed)
  expect(session.reader.settlesAtMs).toBe(session.now() + 25_000)
  settle(24_000)
  expect(notes()).toEqual([])
  session.restart()
  session.row(needed)
  settle(1_000)
  expect(notes()).toEqual([expect.stringMatching(/at its machine/)])
  settle(600_000)
  session.row(needed)
  settle(600_000)
  expect(notes()).toHaveLength(1)
  session.row({ worker: 'running' })
  session.row(needed)
  settle(25_000)
  expect(notes()).toHaveLength(2)
})

test('nobody has to go there for a prompt that is open here, for a worker that is away, or for what it has said itself [A-57]', () => {
  const open = told()
  open.session.row(needed)
  open.session.say(asks('req-1', 'toolu_1'))
  open.settle(60_000)
  expect(open.notes()).toEqual([])

  const away = told()
  away.session.row({ ...needed, connection: 'disconnected' })
  away.settle(60_000)
  expect(away.notes()).toEqual([])

  const said = told()
  said.session.row(needed)
  said.session.say({
    type: 'control_request',
    request_id: 'dialog-1',
    request: { subtype: 'request_user_dialog', dialog_kind: 'computer_use_access' },
  })
  said.settle(60_000)
  expect(said.notes()).toHaveLength(1)
})
