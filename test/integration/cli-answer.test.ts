import { type Ask, shownHash } from '@bellhop/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand, runForJson, startCommand } from '../support/run-command.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'

let running: TestRelay
beforeEach(async () => {
  running = await startRelay()
})
afterEach(() => running[Symbol.asyncDispose]())

const answer = (...args: string[]) => runCommand(running.dataDir, ['answer', 'one', ...args])
const asked = async (ask: Ask, permissionId = 'per_1') => {
  const id = await running.source.start('one')
  await running.source.ask(id, permissionId, ask)
  return id
}
const taken = () => running.source.performed.map(({ command }) => command)

const question: Ask = {
  kind: 'question',
  questions: [
    {
      question: 'Which database?',
      multiple: false,
      choices: [{ label: 'Postgres' }, { label: 'SQLite' }],
    },
    { question: 'Which checks?', multiple: true, choices: [{ label: 'Lint' }, { label: 'Types' }] },
  ],
}
const plan: Ask = {
  kind: 'plan',
  plan: '# Round once\n1. Change it.',
  modes: [
    { mode: 'ask', words: 'Ask first' },
    { mode: 'edits', words: 'Accept edits' },
  ],
}

describe('bellhop answer', () => {
  test('shows exactly what is asked and exits with 3 while nothing was decided', async () => {
    await asked(shellAsk('printf "a\u001b[2Jb" \\\n  && rm -r build', ['Run any `rm`']))
    const { exitCode, text } = await answer()
    expect(exitCode).toBe(3)
    expect(text).toContain('Run a command?\n  printf "a‹U+001B›[2Jb" \\\n    && rm -r build\n')
    expect(text).toContain('1  Run any `rm`')
    expect(text).toContain('characters that do not show')
    expect(taken()).toEqual([])
  })

  test('a rule that would be taken along is broken between words, and stands whole', async () => {
    const words =
      'Accept all edits in this session, without asking. That includes deleting files too'
    const ask = shellAsk('ls', [words])
    const lasts = 'Until this session ends'
    if (ask.kind !== 'tool') throw new TypeError('another ask')
    const suggestions = ask.suggestions.map((one) => ({ ...one, lasts }))
    await asked({ ...ask, suggestions })
    const { text } = await answer()
    expect(text).toMatch(/ {2}1 {2}Accept all edits[^\n]+deleting\n {5}files too\n {5}Until this/)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('[I11] asks before it answers, and Enter alone answers nothing', async () => {
    await asked(shellAsk('rm -r build'))
    const one = startCommand(running.dataDir, ['answer', 'one', 'allow'])
    await one.terminal.shows('Allow?')
    expect(one.terminal.text()).toContain('rm -r build')
    one.terminal.press('\r')
    expect(await one.ended).toMatchObject({ exitCode: 1 })
    expect(taken()).toEqual([])
    const two = startCommand(running.dataDir, ['answer', 'one', 'deny', '--reason', 'Not today.'])
    await two.terminal.shows('Deny?')
    two.terminal.press('y')
    expect(await two.ended).toMatchObject({ exitCode: 0 })
    expect(taken()).toMatchObject([{ decision: { behavior: 'deny', reason: 'Not today.' } }])
  })

  test('[PE-3] what was decided meanwhile is said plainly, and exits with 1', async () => {
    const id = await asked(shellAsk('ls'))
    const one = startCommand(running.dataDir, ['answer', 'one', 'allow'])
    await one.terminal.shows('Allow?')
    await running.source.say(id, 'permission.resolved', {
      ...{ permissionId: 'per_1', outcome: 'denied', by: { kind: 'terminal' } },
    })
    one.terminal.press('y')
    const { exitCode, text } = await one.ended
    expect(exitCode).toBe(1)
    expect(text).toContain('Already denied, at the terminal. What you tapped was not applied.')
    expect(taken()).toEqual([])
  })

  test('[PE-2] [I11] with a hash it answers what was shown or nothing', async () => {
    const id = await asked(shellAsk('ls'))
    const shown = await runForJson<{ prompts: { shownHash: string }[] }>(running.dataDir, [
      ...['answer', 'one'],
    ])
    expect(shown).toMatchObject({ exitCode: 3, answer: { outcome: 'blocked' } })
    const hash = shown.answer.prompts[0]?.shownHash ?? ''
    await running.source.say(id, 'permission.resolved', {
      ...{ permissionId: 'per_1', outcome: 'denied', by: { kind: 'terminal' } },
    })
    await running.source.ask(id, 'per_2', shellAsk('rm -rf /'))
    const { exitCode, errors } = await answer('allow', '--yes', '--shown', hash)
    expect(exitCode).toBe(1)
    expect(errors).toContain('What was shown is no longer asked.')
    expect(taken()).toEqual([])
  })

  test('[PE-2] a hash and a reason that begin with a dash are taken as they are', async () => {
    let ask = shellAsk('ls')
    for (let at = 0; !(await shownHash(ask)).startsWith('-'); at += 1) ask = shellAsk(`ls ${at}`)
    await asked(ask)
    const said = ['--shown', await shownHash(ask), '--reason', '-x is too much', '--yes']
    expect(await answer('deny', ...said)).toMatchObject({ exitCode: 0 })
    expect(taken()).toMatchObject([{ decision: { behavior: 'deny', reason: '-x is too much' } }])
  })

  test('[PE-5] --always takes the one rule along, and several have to be chosen from', async () => {
    const id = await asked(shellAsk('ls', ['Run `ls`']))
    expect(await answer('allow', '--always', '--yes')).toMatchObject({ exitCode: 0 })
    await running.source.say(id, 'permission.resolved', {
      ...{ permissionId: 'per_1', outcome: 'allowed', by: { kind: 'terminal' } },
    })
    await running.source.ask(id, 'per_2', shellAsk('ls', ['Run `ls`', 'Run all']))
    expect(await answer('allow', '--always', '--yes')).toMatchObject({ exitCode: 2 })
    expect(await answer('allow', '--rule', '2', '--yes')).toMatchObject({ exitCode: 0 })
    expect(taken()).toMatchObject([
      { decision: { behavior: 'allow', suggestionIds: ['s0'] } },
      { decision: { behavior: 'allow', suggestionIds: ['s1'] } },
    ])
  })

  test('questions are answered by number, label or own words, one for each', async () => {
    await asked(question)
    expect((await answer()).text).toContain('2  SQLite')
    expect(await answer('--choose', '2', '--choose', '1,2', '--yes')).toMatchObject({ exitCode: 0 })
    expect(taken()).toMatchObject([
      {
        answer: {
          answers: [{ choices: ['SQLite'] }, { choices: ['Lint', 'Types'] }],
        },
      },
    ])
  })

  test.each([
    [['allow'], 'is answered with'],
    [['--choose', '1'], '2 times --choose'],
    [['--choose', '1,2', '--choose', '1'], 'Only one can be chosen'],
    [['--choose', '9', '--choose', '1'], '9 is none of 1 to 2'],
    [['perhaps'], 'perhaps is no answer'],
  ])('%j does not answer the questions: exit code 2', async (args, words) => {
    await asked(question)
    const { exitCode, errors } = await answer(...args, '--yes')
    expect(exitCode).toBe(2)
    expect(errors).toContain(words)
    expect(taken()).toEqual([])
  })

  test('a plan is approved into a mode, or sent back with words', async () => {
    const id = await asked(plan)
    expect((await answer()).text).toContain('edits: Accept edits')
    expect(await answer('approve', '--mode', 'nothing', '--yes')).toMatchObject({ exitCode: 2 })
    expect(await answer('approve', '--mode', 'edits', '--yes')).toMatchObject({ exitCode: 0 })
    await running.source.say(id, 'permission.resolved', {
      ...{ permissionId: 'per_1', outcome: 'approved', by: { kind: 'terminal' } },
    })
    await running.source.ask(id, 'per_2', plan)
    expect(await answer('reject', '--reason', 'Smaller.', '--yes')).toMatchObject({ exitCode: 0 })
    expect(taken()).toMatchObject([
      { decision: { behavior: 'approve', mode: 'edits' } },
      { decision: { behavior: 'reject', reason: 'Smaller.' } },
    ])
  })

  test('a session that asks nothing is said to', async () => {
    await running.source.start('one')
    expect(await answer()).toMatchObject({ exitCode: 0, text: 'one asks nothing now.\n' })
    expect(await answer('allow', '--yes')).toMatchObject({ exitCode: 1 })
  })
})
