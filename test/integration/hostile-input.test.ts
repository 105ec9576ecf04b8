import { type Ask, newCommandId, shownHash } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createRawPhone } from '../support/raw-phone.ts'
import { startRelay } from '../support/start-relay.ts'

/** An input made to be read in two ways: keys that objects have anyway, numbers and letters that change. */
const tricky = (): Record<string, never> =>
  JSON.parse(
    '{"command":"ls","__proto__":{"command":"rm"},"constructor":{"prototype":1},"toString":"x",' +
      '"big":12345678901234567890,"neg":-0,"e":1e21,"lone":"\\ud800","nul":"\\u0000",' +
      '"\\u00e9":1,"e\\u0301":2,"10":1,"9":2,"":3}',
  )

test('[PE-2] [I11] an input that could be read in two ways is shown and answered as one, and any other is refused', async () => {
  await using running = await startRelay()
  const phone = await running.phone()
  const sessionId = await running.source.start('one')
  const askOf = (input: Record<string, never>): Ask => ({
    kind: 'tool',
    tool: { kind: 'other', name: 'Odd', input },
    input,
    suggestions: [],
  })
  const ask = askOf(tricky())
  await running.source.ask(sessionId, 'per_odd', ask)
  const { wait } = await phone.findWait()
  expect(JSON.stringify(wait.ask)).toBe(JSON.stringify(ask))

  const answer = (hash: string) =>
    phone.send({
      type: 'decide_permission',
      sessionId,
      permissionId: wait.permissionId,
      shownHash: hash,
      decision: { behavior: 'allow' },
    })
  const otherKeys = ['__proto__', 'constructor', 'toString', 'neg', 'lone', 'nul', '\u00e9', '']
  for (const key of otherKeys) {
    const without = Object.fromEntries(Object.entries(tricky()).filter(([name]) => name !== key))
    const receipt = await answer(await shownHash(askOf(without as Record<string, never>)))
    expect(receipt).toMatchObject({ state: 'refused', code: 'shown_input_differs' })
  }
  expect(running.source.performed).toEqual([])
  expect(await answer(await shownHash(wait.ask))).toMatchObject({ state: 'done' })
  await phone[Symbol.asyncDispose]()
})

test('[HT-4] [CM-1] a command written to be misread is refused and reaches no source', async () => {
  await using running = await startRelay()
  const phone = await running.phone()
  const raw = await createRawPhone(running.origin, { key: phone.key })
  const sessionId = await running.source.start('one')
  await running.source.start('two')
  const ask: Ask = {
    kind: 'tool',
    tool: { kind: 'shell', name: 'Bash', command: 'ls' },
    input: { command: 'ls' },
    suggestions: [],
  }
  await running.source.ask(sessionId, 'per_one', ask)
  const good = {
    type: 'decide_permission',
    permissionId: 'per_one',
    shownHash: await shownHash(ask),
    decision: { behavior: 'allow' },
  }
  const body = (changed: object) =>
    JSON.stringify({ commandId: newCommandId(), sessionId, ...good, ...changed })
  const nested = '['.repeat(50_000) + ']'.repeat(50_000)
  const bodies = [
    body({ decision: JSON.parse('{"__proto__":{"behavior":"allow"}}') }),
    body({ decision: { behavior: 'allow', suggestionIds: ['__proto__'] } }),
    body({ decision: { behavior: 'allow', input: { a: 'DEEP' } } }).replace('"DEEP"', nested),
    body({ type: '__proto__' }),
    body({ type: 'constructor' }),
    body({ sessionId: 'ses_two' }),
    body({ permissionId: '__proto__' }),
    body({ shownHash: ['x'] }),
  ]
  for (const one of bodies) {
    const answer = await raw.call('command', { body: one })
    const receipt = answer.json()
    expect(answer.status === 400 || receipt.state === 'refused', answer.text).toBe(true)
  }
  expect(running.source.performed).toEqual([])
  await phone[Symbol.asyncDispose]()
})
