import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { startCloudRelay } from '../../support/cloud-relay.ts'

let undo = new AsyncDisposableStack()
afterEach(async () => {
  await undo.disposeAsync()
  undo = new AsyncDisposableStack()
})

const asks = (id: string) => ({
  type: 'control_request',
  request_id: id,
  request: { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: 'ls' } },
})
const many = <One>(of: (at: number) => One) => Array.from({ length: 110_000 }, (_, at) => of(at))
const says = (text: string) => ({
  type: 'assistant',
  uuid: randomUUID(),
  message: { id: text, role: 'assistant', content: [{ type: 'text', text }] },
})

test.for([
  [
    'results',
    {
      type: 'user',
      message: {
        role: 'user',
        content: many((at) => ({ type: 'tool_result', tool_use_id: `t${at}`, content: 'x' })),
      },
    },
  ],
  [
    'prompts',
    {
      type: 'control_response',
      response: {
        subtype: 'success',
        request_id: 'x',
        pending_permission_requests: many((at) => asks(`p${at}`)),
      },
    },
  ],
] as const)(
  '[I6] a worker that says a hundred thousand %s at once takes nobody’s other sessions down',
  async ([, payload]) => {
    const rig = undo.use(await startCloudRelay())
    const phone = undo.use(await rig.phone({ limits: { firstMs: 10, maxMs: 50, helloMs: 5_000 } }))
    const bad = rig.addSession({ title: 'Bad' })
    const good = rig.addSession({ title: 'Good' })
    for (const { id, session } of [bad, good]) {
      await rig.listed(phone, id)
      await rig.look(phone, id)
      session.emit(says('Before'))
      await rig.eventually(() => phone.rows(id).length > 0, { what: 'the session live' })
    }
    bad.session.emit({ ...payload, uuid: randomUUID() })
    await rig.pass(1_000)
    good.session.emit(says('After'))
    const told = () => JSON.stringify(phone.rows(good.id)).includes('After')
    await rig.eventually(told, { what: 'the other session live' })
    expect((await rig.health(phone)).state).toBe('ok')
  },
)
