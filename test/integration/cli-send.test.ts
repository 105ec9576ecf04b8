import type { CommandOf, SessionId } from '@bellhop/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand, runForJson, startCommand } from '../support/run-command.ts'
import { createScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

let running: TestRelay
beforeEach(async () => {
  running = await startRelay()
})
afterEach(() => running[Symbol.asyncDispose]())

const say = (...args: Parameters<TestRelay['source']['say']>) => running.source.say(...args)

/** The record of a message that was sent from here. */
const hear = (sessionId: SessionId, { commandId, text }: CommandOf<'prompt'>) =>
  say(sessionId, 'message.person', {
    messageId: `m ${commandId}`,
    text,
    from: 'person',
    causedBy: commandId,
  })

const speak = (sessionId: SessionId, text: string) =>
  say(sessionId, 'message.agent', { messageId: text, text })

/** Plays what a session does with each message it is sent. */
const onMessage = (play: (sessionId: SessionId, command: CommandOf<'prompt'>) => Promise<void>) => {
  running.source.onPerform = async ({ command }) => {
    if (command.type === 'prompt') await play(command.sessionId, command)
  }
}

/** Sends and waits; the answer is what `--json` prints. */
const sendAndWait = (words: string, ...more: string[]) =>
  runForJson(running.dataDir, ['send', 'one', words, '--wait', ...more])

describe('send --wait', () => {
  test('prints the whole reply when the turn has ended, and exits with 0', async () => {
    await running.source.start('one')
    onMessage(async (id, command) => {
      await hear(id, command)
      await say(id, 'turn.started')
      await speak(id, 'First I look.')
      await say(id, 'message.agent', {
        messageId: 'sub',
        text: 'not for you',
        subagent: { agentId: 'a1' },
      })
      await speak(id, 'All tests pass.')
      await say(id, 'turn.ended', { outcome: 'finished' })
    })
    const { exitCode, text, errors } = await runCommand(running.dataDir, [
      ...['send', 'one', 'run', 'the', 'tests', '--wait'],
    ])
    expect(text).toBe('First I look.\n\nAll tests pass.\n')
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' })
    expect(running.source.performed[0]?.command).toMatchObject({ text: 'run the tests' })
  })

  test.each([
    ['failed', { outcome: 'failed', error: 'Overloaded.' }, { text: 'Overloaded.' }],
    ['interrupted', { outcome: 'interrupted' }, {}],
  ])('says when the turn was %s, and exits with 1', async (outcome, ending, more) => {
    await running.source.start('one')
    onMessage(async (id, command) => {
      await hear(id, command)
      await say(id, 'turn.started')
      await speak(id, 'So far')
      await say(id, 'turn.ended', ending)
    })
    const { exitCode, answer } = await sendAndWait('go')
    expect(exitCode).toBe(1)
    expect(answer).toMatchObject({ outcome, reply: 'So far', ...more })
  })

  test('says when the session ended meanwhile, and exits with 1', async () => {
    await running.source.start('one')
    onMessage(async (id, command) => {
      await hear(id, command)
      await say(id, 'session.ended', { reason: 'died', text: 'It was killed.' })
    })
    expect(await sendAndWait('go')).toMatchObject({ exitCode: 1, answer: { outcome: 'ended' } })
  })

  test('says why it was refused, and exits with 1', async () => {
    await running.source.start('one', { capabilities: [] })
    const { exitCode, answer } = await sendAndWait('go')
    expect(exitCode).toBe(1)
    expect(answer).toMatchObject({ outcome: 'refused', code: 'not_supported' })
    const { errors } = await runCommand(running.dataDir, ['send', 'one', 'go', '--wait'])
    expect(errors).toBe('Not done. This session cannot be asked to do that.\n')
  })

  test('prints the prompt that blocks it with the hash to answer by, and exits with 3', async () => {
    await running.source.start('one')
    onMessage(async (id, command) => {
      await hear(id, command)
      await say(id, 'turn.started')
      await speak(id, 'I have to clean up.')
      await running.source.ask(id, 'per_1', shellAsk('rm -r build'))
    })
    const { exitCode, answer } = await sendAndWait('go')
    expect(exitCode).toBe(3)
    expect(answer).toMatchObject({
      outcome: 'blocked',
      reply: 'I have to clean up.',
      prompt: { permissionId: 'per_1', ask: shellAsk('rm -r build') },
    })
    const { prompt } = answer as { prompt: { shownHash: string } }
    const args = ['answer', 'one', 'allow', '--yes', '--shown', prompt.shownHash]
    running.source.onPerform = async () => {}
    expect(await runCommand(running.dataDir, args)).toMatchObject({ exitCode: 0 })
  })

  test('a prompt that was open before blocks it too', async () => {
    const id = await running.source.start('one')
    await running.source.ask(id, 'per_1', shellAsk('ls'))
    const { exitCode, text, errors } = await runCommand(running.dataDir, [
      ...['send', 'one', 'go', '--wait'],
    ])
    expect(exitCode).toBe(3)
    expect(text).toContain('Run a command?\n  ls\n')
    expect(errors).toContain('bellhop answer ses_one')
  })

  test('says that it timed out, with what had come, and exits with 4', async () => {
    await running.source.start('one')
    onMessage(async (id, command) => {
      await hear(id, command)
      await say(id, 'turn.started')
      await speak(id, 'This takes a while.')
    })
    const { exitCode, answer } = await sendAndWait('go', '--timeout', '1')
    expect(exitCode).toBe(4)
    expect(answer).toMatchObject({ outcome: 'timed_out', reply: 'This takes a while.' })
  })

  test('the end of a turn that was under way before is not the end of its own', async () => {
    const id = await running.source.start('one')
    await say(id, 'turn.started')
    onMessage(async (_, command) => {
      await speak(id, 'Words of before.')
      await say(id, 'turn.ended', { outcome: 'finished' })
      await hear(id, command)
      await say(id, 'turn.started')
      await speak(id, 'Words for you.')
      await say(id, 'turn.ended', { outcome: 'finished' })
    })
    const { exitCode, answer } = await sendAndWait('go')
    expect({ exitCode, ...answer }).toMatchObject({ exitCode: 0, reply: 'Words for you.' })
  })

  test('[CM-8] a message that only waits at its machine is not answered by the turn that ends', async () => {
    const id = await running.source.start('one')
    await say(id, 'turn.started')
    onMessage(async (_, command) => {
      const stage = (name: string) =>
        say(id, 'command.progressed', { commandId: command.commandId, stage: name })
      await hear(id, command)
      await stage('received')
      await speak(id, 'Words of before.')
      await say(id, 'turn.ended', { outcome: 'finished' })
      await stage('processing')
      await speak(id, 'Words for you.')
      await say(id, 'turn.ended', { outcome: 'finished' })
    })
    expect(await sendAndWait('go')).toMatchObject({ answer: { reply: 'Words for you.' } })
  })

  test('each of many that wait at once gets its own answer', async () => {
    const names = ['one', 'two', 'three', 'four']
    for (const name of names) await running.source.start(name)
    onMessage(async (id, command) => {
      await hear(id, command)
      await say(id, 'turn.started')
      await speak(id, `to ${command.text}`)
      await say(id, 'turn.ended', { outcome: 'finished' })
    })
    const replies = await Promise.all(
      names.map((name) =>
        runForJson(running.dataDir, ['send', name, `${name} asks`, '--wait', '--timeout', '20']),
      ),
    )
    expect(replies.map(({ answer }) => answer.reply)).toEqual(names.map((one) => `to ${one} asks`))
  })
})

test('[CL-2] [CM-1] send --wait goes on over a restart of the relay, and sends once', async () => {
  using folder = tempFolder()
  const first = createScriptedSource()
  const before = await startRelay({ dataDir: folder.path, source: first })
  const id = await first.start('one')
  const commands: CommandOf<'prompt'>[] = []
  first.onPerform = async ({ command }) => void commands.push(command as CommandOf<'prompt'>)
  const args = ['send', 'one', 'go', '--wait', '--timeout', '30', '--json']
  const { ended } = startCommand(folder.path, args)
  const command = await until(() => commands[0], { what: 'the message' })
  await first.say(id, 'message.person', {
    ...{ messageId: 'm1', text: 'go', from: 'person', causedBy: command.commandId },
  })
  await first.say(id, 'turn.started')
  await before.stop()
  const second = createScriptedSource()
  await using after = await startRelay({ dataDir: folder.path, source: second })
  await second.running
  await second.say(id, 'message.agent', { messageId: 'm2', text: 'Still here.', dedupeKey: 'a' })
  await second.say(id, 'turn.ended', { outcome: 'finished', dedupeKey: 'b' })
  const { exitCode, text } = await ended
  expect(JSON.parse(text)).toMatchObject({ outcome: 'finished', reply: 'Still here.' })
  expect(exitCode).toBe(0)
  expect(second.performed).toEqual([])
  void after
}, 20_000)

describe('send', () => {
  test('says that it was sent, and reads standard input for -', async () => {
    await running.source.start('one')
    const { exitCode, text } = await runCommand(
      running.dataDir,
      ['send', 'one', '-'],
      'line one\nline two\n',
    )
    expect({ exitCode, text }).toEqual({ exitCode: 0, text: 'Sent.\n' })
    expect(running.source.performed[0]?.command).toMatchObject({ text: 'line one\nline two' })
  })

  test('[CM-8] what nobody confirmed is called that, and exits with 5', async () => {
    await running.source.start('one')
    running.source.onPerform = async () => ({ unconfirmed: 'Its machine may be asleep.' })
    const { exitCode, text } = await runCommand(running.dataDir, ['send', 'one', 'go'])
    expect(exitCode).toBe(5)
    expect(text).toBe('Handed on, not confirmed. Its machine may be asleep.\n')
  })

  test('interrupt stops a session', async () => {
    await running.source.start('one')
    expect(await runCommand(running.dataDir, ['interrupt', 'one'])).toMatchObject({
      exitCode: 0,
      text: 'Stopped.\n',
    })
    expect(running.source.performed[0]?.command).toMatchObject({ type: 'interrupt' })
  })

  test.each([
    [['send', 'one'], 2, 'Something is missing'],
    [['send', 'one', ' '], 2, 'nothing to say'],
    [['send', 'one', 'go', '--timeout', 'soon'], 2, '--timeout takes a number'],
    [['send', 'nothing', 'go'], 1, 'No session fits nothing. There are ses_one (one).'],
  ])('%j is not done: %i', async (args, exitCode, words) => {
    await running.source.start('one')
    const ended = await runCommand(running.dataDir, args)
    expect(ended.exitCode).toBe(exitCode)
    expect(ended.errors).toContain(words)
    expect(running.source.performed).toEqual([])
  })
})
