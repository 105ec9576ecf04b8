import type { CommandId, Receipt } from '@bellhop/core'
import { foldReply, startReply } from '@bellhop/core/client'
import { expect, test } from 'vitest'
import {
  allow,
  asking,
  atOnce,
  deny,
  last,
  phone,
  rule,
  scenario,
  shell,
  startDemo,
} from '../../../../../test/support/simulated-demo.ts'
import { systemClock } from '../../clock.ts'
import { createSimulatedSource } from './simulated-source.ts'

test('[PE-1] an allowed call runs, and the turn goes on to its end', async () => {
  await using demo = startDemo({ scenarios: [scenario([asking, last])] })
  expect(await demo.answer('one', allow())).toMatchObject({ state: 'done' })
  await demo.idle('one')
  expect(await demo.rows('one')).toMatchObject([
    { kind: 'person', text: 'go' },
    { kind: 'tool', state: 'ok', result: { text: 'a b' }, decision: { outcome: 'allowed' } },
    { kind: 'agent', text: 'All of it ran.' },
  ])
  expect(await demo.session('one')).toMatchObject({ lastOutcome: 'finished', waits: [] })
})

test('[PE-1] a denied call does not run, the reason reaches the agent, and it takes another course', async () => {
  await using demo = startDemo({ scenarios: [scenario([asking, last])] })
  await demo.answer('one', deny({ reason: 'too early' }))
  await demo.idle('one')
  expect(await demo.rows('one')).toMatchObject([
    { kind: 'person' },
    { kind: 'tool', state: 'denied', decision: { outcome: 'denied', text: 'too early' } },
    { kind: 'agent', text: 'Then not: too early.' },
  ])
})

test('[PE-1] denying with a stop ends the turn at once', async () => {
  await using demo = startDemo({ scenarios: [scenario([asking, last])] })
  await demo.answer('one', deny({ interrupt: true }))
  await demo.idle('one')
  expect(await demo.session('one')).toMatchObject({ lastOutcome: 'interrupted' })
  expect(await demo.rows('one')).toMatchObject([
    { kind: 'person' },
    { kind: 'tool', state: 'denied' },
    { kind: 'turn', outcome: 'interrupted' },
  ])
})

test('[PE-1] an edited call runs as it was edited', async () => {
  await using demo = startDemo({ scenarios: [scenario([asking])] })
  await demo.answer('one', allow({ input: { command: 'ls -a' } }))
  await demo.idle('one')
  const [, row] = await demo.rows('one')
  expect(row).toMatchObject({ tool: shell('ls -a'), decision: { edited: true } })
})

test('[PE-5] a rule that was taken along is kept to: the next such call asks nobody', async () => {
  await using demo = startDemo({ scenarios: [scenario([asking, asking, last])] })
  await demo.answer('one', allow({ suggestionIds: ['s1'] }))
  await demo.idle('one')
  const rows = await demo.rows('one')
  expect(rows.map((row) => row.kind)).toEqual(['person', 'tool', 'tool', 'agent'])
  expect(rows[1]).toMatchObject({ decision: { rules: [rule.words] } })
  expect(rows[2]).toMatchObject({ state: 'ok' })
})

test('[PE-1] answers to questions are taken up, and one may talk first', async () => {
  const question = {
    do: 'question',
    questions: [
      { question: 'Which?', multiple: true, choices: [{ label: 'A' }, { label: 'B' }] },
      { question: 'Where?', multiple: false, choices: [{ label: 'Here' }] },
    ],
    answered: [{ do: 'say', text: '{{1}} and {{2}}.' }],
    talk: [{ do: 'say', text: 'You would rather talk: {{1}}' }],
  }
  await using demo = startDemo({ scenarios: [scenario([question, question])] })
  const answers = [
    { question: 'Which?', choices: ['A', 'B'] },
    { question: 'Where?', choices: [], text: 'Elsewhere' },
  ]
  await demo.answer('one', { type: 'answer_question', answer: { kind: 'answers', answers } })
  await expect.poll(async () => (await demo.rows('one')).length).toBe(4)
  await demo.answer('one', { type: 'answer_question', answer: { kind: 'talk', text: 'why?' } })
  await demo.idle('one')
  expect((await demo.rows('one')).filter((row) => row.kind === 'agent')).toMatchObject([
    { text: 'A, B and Elsewhere.' },
    { text: 'You would rather talk: why?' },
  ])
})

test('[PE-1] a plan sent back is followed by what the agent does then; an approved one sets the mode', async () => {
  const modes = [
    { mode: 'default', words: 'Ask' },
    { mode: 'acceptEdits', words: 'Accept' },
  ]
  const plan = { do: 'plan', plan: '# Plan', modes, approved: [last] }
  const first = { ...plan, rejected: [{ ...plan, plan: '# Smaller', rejected: [] }] }
  await using demo = startDemo({ scenarios: [scenario([first])] })
  const reject = { behavior: 'reject', reason: 'smaller' }
  await demo.answer('one', { type: 'decide_plan', decision: reject })
  await expect
    .poll(async () => (await demo.session('one'))?.waits[0]?.ask)
    .toMatchObject({ plan: '# Smaller' })
  await demo.answer('one', {
    type: 'decide_plan',
    decision: { behavior: 'approve', mode: 'acceptEdits', plan: '# Smaller still' },
  })
  await demo.idle('one')
  expect(await demo.session('one')).toMatchObject({ permissionMode: 'acceptEdits' })
  expect(await demo.rows('one')).toMatchObject([
    { kind: 'person' },
    { kind: 'permission', decision: { outcome: 'rejected', text: 'smaller' } },
    { kind: 'permission', decision: { outcome: 'approved', edited: true } },
    { kind: 'agent' },
  ])
})

test('[CM-6] a message arrives as the person’s and gets a reply, also when one is written meanwhile', async () => {
  await using demo = startDemo({ scenarios: [scenario([asking])] })
  await expect.poll(async () => (await demo.session('one'))?.status).toBe('waiting')
  expect(await demo.send('one', { type: 'prompt', text: 'hello' })).toMatchObject({ state: 'done' })
  await demo.answer('one', allow())
  await expect.poll(async () => (await demo.session('one'))?.lastLine).toBe('You said hello.')
  await demo.idle('one')
  const rows = await demo.rows('one')
  expect(rows.find((row) => row.kind === 'person' && row.text === 'hello')).toMatchObject({
    from: 'person',
    deviceName: phone.name,
    causedBy: expect.stringMatching(/^cmd_/),
  })
  await demo.send('one', { type: 'prompt', text: 'again' })
  await expect.poll(async () => (await demo.session('one'))?.lastLine).toBe('You said again.')
})

test('[CM-8] messages that wait say when each is worked on', async () => {
  await using demo = startDemo({ scenarios: [scenario([asking])] })
  await expect.poll(async () => (await demo.session('one'))?.status).toBe('waiting')
  const texts = ['hello', 'again']
  const sent: Receipt[] = []
  for (const text of texts) sent.push(await demo.send('one', { type: 'prompt', text }))
  await demo.answer('one', allow())
  await expect.poll(async () => (await demo.session('one'))?.lastLine).toBe('You said again.')
  await demo.idle('one')
  const all = await demo.events('one')
  // What blocked them is not what is looked at here.
  const events = all.filter(({ type }) => !type.startsWith('permission.'))
  const reply = (at: number) => {
    const commandId = sent[at]?.commandId as CommandId
    const message = startReply({ commandId, text: '', wasIdle: false, waits: [] })
    const { end, said } = events.reduce(foldReply, message)
    return [end?.outcome, ...said.values()]
  }
  expect(reply(0)).toEqual(['finished', 'You said hello.'])
  expect(reply(1)).toEqual(['finished', 'You said again.'])
})

test('[MC-7] a message of an agent is known as one, and answered for what it says', async () => {
  await using demo = startDemo({ scenarios: [scenario([last])] })
  await demo.idle('one')
  const agent = { ...phone, name: 'desktop', agent: { asksFirst: false } }
  const sent = await demo.send('one', { type: 'prompt', text: '/hello' }, agent)
  expect(sent).toMatchObject({ state: 'done' })
  await expect.poll(async () => (await demo.session('one'))?.lastLine).toBe('You said /hello.')
  const { commandId: causedBy } = sent
  const told = { kind: 'person', agentName: 'desktop', text: '/hello', causedBy }
  expect(await demo.rows('one')).toContainEqual(expect.objectContaining(told))
})

test('[PE-4] an interruption stops the turn, takes back what it asked, and leaves the session ready', async () => {
  await using demo = startDemo({ scenarios: [scenario([asking, last])] })
  await expect.poll(async () => (await demo.session('one'))?.status).toBe('waiting')
  expect(await demo.send('one', { type: 'interrupt' })).toMatchObject({ state: 'done' })
  await demo.idle('one')
  expect(await demo.rows('one')).toMatchObject([
    { kind: 'person' },
    { kind: 'tool', state: 'interrupted', decision: { outcome: 'withdrawn' } },
    { kind: 'turn', outcome: 'interrupted' },
  ])
  expect((await demo.send('one', { type: 'interrupt' })).code).toBe('source_refused')
  await demo.send('one', { type: 'prompt', text: 'still there?' })
  await expect.poll(async () => (await demo.session('one'))?.lastLine).toMatch('still there?')
})

test('[SI-2] words are streamed before they are said, and nothing of them is left standing', async () => {
  const text = 'A sentence that is long enough to come in several pieces, one after the other.'
  const { promise, resolve } = Promise.withResolvers<void>()
  const seen: string[] = []
  await using demo = startDemo({
    scenarios: [scenario([{ do: 'say', text }])],
    wait: async (ms, signal) => {
      if (seen.length === 0) await promise
      await atOnce(ms, signal)
    },
  })
  using _ = demo.hub.subscribe((signal) => {
    if (signal.type === 'text.partial' && signal.text !== '') seen.push(signal.text)
  })
  resolve()
  await demo.idle('one')
  await expect.poll(async () => (await demo.session('one'))?.lastOutcome).toBe('finished')
  expect(seen.length).toBeGreaterThan(3)
  for (const piece of seen) expect(text.startsWith(piece)).toBe(true)
  expect(demo.hub.current().filter((signal) => signal.type !== 'source.health')).toEqual([])
})

test('[EV-2] after a restart the same sessions go on: nothing of the past is told twice, what was open is taken back', async () => {
  const before = [
    { do: 'person', text: 'earlier' },
    { do: 'say', text: 'done' },
    { do: 'end-turn', outcome: 'finished' },
  ]
  const scenarios = [scenario([asking, last], { before })]
  const first = startDemo({ scenarios })
  await expect.poll(async () => (await first.session('one'))?.status).toBe('waiting')
  await first.stop()
  await using again = startDemo({ scenarios }, first.backend)
  await expect
    .poll(
      async () =>
        (await again.events('one')).filter((e) => e.type === 'permission.requested').length,
    )
    .toBe(2)
  const events = await again.events('one')
  expect(events.filter((event) => event.type === 'session.started')).toHaveLength(1)
  const said = events.filter((event) => event.type === 'message.person')
  expect(said.map((event) => event.text)).toEqual(['earlier', 'go', 'go'])
  expect(events.filter((event) => event.type === 'permission.resolved')).toMatchObject([
    { outcome: 'withdrawn' },
  ])
  expect(
    events.find((event) => event.type === 'turn.ended' && event.outcome === 'interrupted'),
  ).toBeDefined()
  await again.answer('one', allow())
  await again.idle('one')
})

test('[I6] a scenario that plays again does so in the same session, and not without end', async () => {
  await using demo = startDemo({ scenarios: [scenario([last], { againAfterMs: 1_000 })] })
  const turns = async () =>
    (await demo.events('one')).filter((event) => event.type === 'turn.ended').length
  await expect.poll(turns).toBe(20)
  for (let i = 0; i < 50; i++) await atOnce(0, AbortSignal.any([]))
  expect(await turns()).toBe(20)
})

test('[ER-1] a scenario with a mistake is refused with its place before anything is played', () => {
  const faults = [
    [null, 'scenario'],
    [{ ...scenario([]), name: 'Not a name' }, 'scenario'],
    [{ ...scenario([]), replies: undefined }, 'one.replies'],
    [scenario([{ do: 'dance' }]), 'one.play.1'],
    [scenario([{ do: 'say' }]), 'one.play.1'],
    [scenario([{ do: 'tool', tool: { kind: 'shell', name: 'Bash' } }]), 'one.play.1'],
    [
      scenario([{ ...asking, asks: { ...asking.asks, denied: [{ do: 'say' }] } }]),
      'one.play.1.asks.denied.0',
    ],
    [scenario([{ ...asking, asks: { ...asking.asks, suggestions: [{}] } }]), 'one.play.1'],
    [scenario([{ do: 'question', questions: [], answered: [], talk: [] }]), 'one.play.1'],
    [scenario([{ do: 'pause' }]), 'one.play.1'],
  ] as const
  for (const [value, place] of faults) {
    expect(() => createSimulatedSource({ clock: systemClock, scenarios: [value] })).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        details: expect.objectContaining({ place }),
      }),
    )
  }
})

test('[EV-4] the demo shows everything there is to see, and nothing in it is malformed', async () => {
  await using demo = startDemo()
  const names = [
    'refund-rounding',
    'checkout-plan',
    'idempotency-keys',
    'staging-keys',
    'flaky-test',
  ]
  await demo.answer('refund-rounding', allow())
  await demo.answer('checkout-plan', { type: 'decide_plan', decision: { behavior: 'approve' } })
  await expect.poll(async () => (await demo.session('idempotency-keys'))?.status).toBe('waiting')
  const questions = (await demo.session('idempotency-keys'))?.waits[0]?.ask
  const answers =
    questions?.kind === 'question'
      ? questions.questions.map(({ question, choices }) => ({
          question,
          choices: choices.slice(0, 1).map((choice) => choice.label),
        }))
      : []
  await demo.answer('idempotency-keys', {
    type: 'answer_question',
    answer: { kind: 'answers', answers },
  })
  for (const name of names.slice(1, 4)) {
    await demo.idle(name)
    await expect.poll(async () => (await demo.session(name))?.lastOutcome).not.toBeNull()
  }
  expect(await demo.session('staging-keys')).toMatchObject({ lastOutcome: 'failed' })
  expect(await demo.session('flaky-test')).toMatchObject({ status: 'ended' })

  const events = (await Promise.all(names.map(demo.events))).flat()
  const types = new Set(events.map((event) => event.type))
  for (const type of [
    'message.thinking',
    'message.note',
    'tasks.changed',
    'session.changed',
    'session.ended',
    'source.note',
  ]) {
    expect(types).toContain(type)
  }
  const notes = events.filter((event) => event.type === 'source.note')
  expect(notes).toHaveLength(1)
  const asks = events.flatMap((event) => (event.type === 'permission.requested' ? [event.ask] : []))
  expect(new Set(asks.map((ask) => ask.kind))).toEqual(new Set(['tool', 'question', 'plan']))
  expect(asks.some((ask) => ask.kind === 'question' && ask.questions.some((q) => q.multiple))).toBe(
    true,
  )
  const results = events.flatMap((event) => (event.type === 'tool.ended' ? [event.result] : []))
  expect(results.some((result) => result.text?.includes('\u001b[32m'))).toBe(true)
  expect(results.some((result) => (result.diff?.hunks.length ?? 0) > 0)).toBe(true)
  expect(events.some((event) => 'subagent' in event && event.subagent)).toBe(true)
})
