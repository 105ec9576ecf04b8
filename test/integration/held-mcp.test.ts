import type { CommandOf, SessionId } from '@bellhop/core'
import { describe, expect, test } from 'vitest'
import { answerShown, letAgentIn, says, shownHeld } from '../support/asking-agent.ts'
import { startMcpAgent, type Way } from '../support/mcp-agent.ts'
import { runCommand } from '../support/run-command.ts'
import { createScriptedSource, type ScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const ASKING: readonly Way[] = [
  { via: 'stdio', protocol: '2025-11-25' },
  { via: 'http', protocol: '2026-07-28' },
]

/** Plays the turn of each message that reaches the source. */
const answering = (source: ScriptedSource, play: () => Promise<unknown> = async () => {}) => {
  source.onPerform = async ({ command }) => {
    if (command.type === 'prompt') void turn(source, command, play)
  }
}
const turn = async (
  source: ScriptedSource,
  { sessionId, commandId, text }: CommandOf<'prompt'>,
  play: () => Promise<unknown>,
) => {
  const messageId = `p ${commandId}`
  await source.say(sessionId, 'turn.started')
  await source.say(sessionId, 'message.person', {
    messageId,
    text,
    from: 'person',
    causedBy: commandId,
  })
  await play()
  await source.say(sessionId, 'message.agent', { messageId: `a ${commandId}`, text: 'It is done' })
  await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
}

const oldTurn = async (source: ScriptedSource, sessionId: SessionId) => {
  await source.say(sessionId, 'turn.started')
  await source.say(sessionId, 'message.agent', { messageId: 'old', text: 'something else' })
  await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
}

for (const way of ASKING) {
  describe(`over ${way.via}, ${way.protocol}`, () => {
    test('[HC-3] [MC-6] send_and_wait waits for the person, says so, and then for its own turn', async () => {
      await using relay = await startRelay()
      await using phone = await relay.phone()
      await using agent = await startMcpAgent(relay, { way, asksFirst: true })
      const { source } = relay
      const sessionId = await source.start('checkout')
      answering(source)
      const progress: string[] = []
      const sent = agent.call(
        'send_and_wait',
        { sessionId, text: 'Deploy it', timeoutS: 20 },
        { onProgress: (message) => progress.push(message) },
      )
      const shown = await shownHeld(phone)
      await until(() => progress.some((one) => one.includes('yes on the phone')))
      // Another's held command, and a turn of others, end nothing.
      await using other = await letAgentIn(relay, { name: 'other' })
      await says(other, sessionId, 'me too')
      await oldTurn(source, sessionId)
      expect(await answerShown(phone, shown)).toMatchObject({ state: 'done' })
      expect((await sent).value).toMatchObject({ outcome: 'finished', reply: 'It is done' })
    })

    test('[HC-4] send_and_wait ends with the refusal in words', async () => {
      await using relay = await startRelay()
      await using phone = await relay.phone()
      await using agent = await startMcpAgent(relay, { way, asksFirst: true })
      const sessionId = await relay.source.start('checkout')
      const sent = agent.call('send_and_wait', { sessionId, text: 'Deploy it', timeoutS: 20 })
      await answerShown(phone, await shownHeld(phone), { behavior: 'deny', reason: 'Not today' })
      expect(await sent).toMatchObject({
        isError: true,
        value: { code: 'agent_not_allowed', text: 'A person said no: Not today' },
      })
      expect(relay.source.performed).toEqual([])
    })

    test('[HC-3] what times out as it waits says so, and wait_for goes on from there', async () => {
      await using relay = await startRelay()
      await using phone = await relay.phone()
      await using agent = await startMcpAgent(relay, { way, asksFirst: true })
      const sessionId = await relay.source.start('checkout')
      answering(relay.source)
      const text = 'Deploy it'
      const { value } = await agent.call('send_and_wait', { sessionId, text, timeoutS: 1 })
      expect(value).toMatchObject({
        outcome: 'timed_out',
        isSent: true,
        doubt: expect.stringContaining('yes on the phone'),
      })
      const { commandId } = value
      const goesOn = agent.call('wait_for', { sessionId, commandId, timeoutS: 20 })
      await oldTurn(relay.source, sessionId)
      await answerShown(phone, await shownHeld(phone))
      expect((await goesOn).value).toMatchObject({ happened: 'turn_ended', reply: 'It is done' })
    })

    test('[HC-2] [HC-3] what is held is not offered to agents, and none of their tools decides it', async () => {
      await using relay = await startRelay()
      await using phone = await relay.phone()
      await using agent = await startMcpAgent(relay, { way })
      await using asking = await letAgentIn(relay, { name: 'asking' })
      const sessionId = await relay.source.start('checkout')
      await says(asking, sessionId, 'Deploy it')
      const { wait } = await shownHeld(phone)
      const { permissionId } = wait
      expect((await agent.call('list_pending')).value).toMatchObject({ prompts: [], moreCount: 0 })
      const listed = (await agent.call('list_sessions')).value.sessions
      expect(listed).toMatchObject([{ sessionId, status: 'idle', pendingCount: 0 }])
      expect((await agent.call('get_session_info', { sessionId })).value).toMatchObject({
        status: 'idle',
        prompts: [],
      })
      const waited = await agent.call('wait_for', { sessionId, promptPending: true, timeoutS: 1 })
      expect(waited.value).toMatchObject({ happened: 'timed_out' })
      const shownHash = await phone.shown(wait.ask)
      const answer = { sessionId, permissionId, shownHash, decision: 'allow' }
      expect(await agent.call('answer_permission', answer)).toMatchObject({
        isError: true,
        value: { code: 'agent_refused' },
      })
      expect(relay.source.performed).toEqual([])
      answering(relay.source)
      const free = await agent.call('send_and_wait', { sessionId, text: 'Go on', timeoutS: 20 })
      expect(free.value).toMatchObject({ outcome: 'finished' })
    })

    test('[HC-1] [HC-6] each tool that acts waits for the person or is refused, and none that reads', async () => {
      await using relay = await startRelay()
      await using phone = await relay.phone()
      await using agent = await startMcpAgent(relay, { way, asksFirst: true })
      const { source } = relay
      const sessionId = await source.start('checkout')
      await source.ask(sessionId, 'per_1', shellAsk('npm test'))
      const [prompt] = (await agent.call('list_pending')).value.prompts
      const { permissionId, shownHash } = prompt
      const answer = { sessionId, permissionId, shownHash, decision: 'allow' }
      for (const [tool, args] of [
        ['answer_permission', answer],
        ['interrupt', { sessionId }],
        ['send_message', { sessionId, text: 'Go on' }],
      ] as const) {
        expect((await agent.call(tool, args)).value).toMatchObject({ state: 'pending' })
      }
      const start = { placeId: 'plc_here', text: 'Go' }
      expect(await agent.call('start_session', start)).toMatchObject({
        isError: true,
        value: { code: 'agent_must_ask' },
      })
      await until(() => phone.session(sessionId)?.waits.length === 4)
      expect(source.performed).toEqual([])
    })
  })
}

test('[HC-3] send_and_wait waits for the person over a restart of the relay', async () => {
  const first = await startRelay()
  const { port } = new URL(first.origin)
  const phone = await first.phone({ limits: { firstMs: 10, maxMs: 50 } })
  await using agent = await startMcpAgent(first, { asksFirst: true })
  const sessionId = await first.source.start('checkout')
  const sent = agent.call('send_and_wait', { sessionId, text: 'Deploy it', timeoutS: 30 })
  const shown = await shownHeld(phone)
  await first.stop()
  const source = createScriptedSource()
  await using second = await startRelay({
    dataDir: first.dataDir,
    source,
    config: { port: Number(port) },
  })
  await source.running
  answering(source)
  await until(
    async () => (await answerShown(phone, shown).catch(() => undefined))?.state === 'done',
  )
  expect((await sent).value).toMatchObject({ outcome: 'finished', reply: 'It is done' })
  await phone.sleep()
  await second[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
})

test('[HC-1] [I11] the terminal shows what is held whole, and answers it', async () => {
  await using relay = await startRelay()
  await using agent = await letAgentIn(relay)
  const { dataDir, source } = relay
  const sessionId = await source.start('one')
  await says(agent, sessionId, 'Deploy\u001b[2J it\nto all')
  const hash = async () => {
    const [wait] = (await relay.relay.sessions.get(sessionId))?.waits ?? []
    return wait ? agent.shown(wait.ask) : ''
  }
  const shown = await runCommand(dataDir, ['answer', 'one'])
  expect(shown.text).toContain('desktop wants to send a message\n  Deploy‹U+001B›[2J it\n  to all')
  expect(shown.exitCode).toBe(3)
  const odd = await runCommand(dataDir, ['answer', 'one', 'approve'])
  expect(odd.errors).toContain('is answered with allow')
  const yes = await runCommand(dataDir, [
    'answer',
    'one',
    'allow',
    '--yes',
    `--shown=${await hash()}`,
  ])
  expect(yes).toMatchObject({ errors: '', exitCode: 0 })
  await until(() => source.performed.length === 1)

  await agent.send({ type: 'interrupt', sessionId })
  await until(async () => (await relay.relay.sessions.get(sessionId))?.waits.length === 1)
  const no = await runCommand(dataDir, [
    'answer',
    'one',
    'deny',
    '--reason',
    'Later',
    '--yes',
    `--shown=${await hash()}`,
  ])
  expect(no).toMatchObject({ exitCode: 0 })
  expect(source.performed).toHaveLength(1)
})

test('[HC-3] send --wait of a person does not stop at what an agent wants', async () => {
  await using relay = await startRelay()
  await using agent = await letAgentIn(relay)
  const sessionId = await relay.source.start('one')
  await says(agent, sessionId, 'Deploy it')
  answering(relay.source)
  const sent = await runCommand(relay.dataDir, ['send', 'one', 'Go on', '--wait'])
  expect(sent.text).toContain('It is done')
  expect(sent.exitCode).toBe(0)
})
