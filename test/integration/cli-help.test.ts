import { execFileSync } from 'node:child_process'
import { afterAll, expect, test } from 'vitest'
import { runCommand } from '../support/run-command.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder()
afterAll(() => folder[Symbol.dispose]())

const helpFor = async (...args: string[]) => {
  const { exitCode, text } = await runCommand(folder.path, args)
  expect(exitCode).toBe(0)
  return text
}

test('help names every command, and says which hands its words on', async () => {
  const text = await helpFor('help')
  expect(text).toContain('but for `claude`, which hands')
  expect(text).toContain('hooks …')
  expect(await helpFor('help', 'hooks')).toContain('hooks ask add <rule>')
  expect(await helpFor('help', '--json')).toBe(text)
})

test('a group of commands says what is in it, however it is asked', async () => {
  const overview = await helpFor('help')
  expect(overview).toMatch(/^ {2}mcp … +add, list, ask-me, remove, install: `help mcp`\.$/m)
  for (const [group, inIt] of [
    ['hooks', 'hooks ask add <rule>'],
    ['hooks ask', 'hooks ask remove <rule>'],
    ['push', 'push test [device]'],
    ['mcp', 'mcp install <client>'],
  ] as const) {
    const words = group.split(' ')
    const text = await helpFor(...words, '--help')
    expect(text).toContain(inIt)
    expect(await helpFor('help', ...words)).toBe(text)
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(23)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  }
  expect(await helpFor('mcp', '--help')).toContain('--as <name>')
  const { exitCode, errors } = await runCommand(folder.path, ['hooks', 'ask'])
  expect(exitCode).toBe(2)
  expect(errors).toContain('Say which: hooks ask add, hooks ask remove, hooks ask list.')
})

test('each help fits a screen, and every command is completed, with its options', async () => {
  const texts = [await helpFor('help')]
  const completions = await helpFor('completions', 'bash')
  const fish = await helpFor('completions', 'fish')
  const names = [...(texts[0] ?? '').matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name)
  expect(names.length).toBeGreaterThan(15)
  for (const name of names.filter((one) => one !== 'hooks')) {
    const text = await helpFor('help', ...(name === 'push' ? ['push', 'test'] : [name]))
    texts.push(text)
    expect(fish).toContain(`-a ${name} `)
    for (const [option] of text.matchAll(/^ {2}(--[\w-]+)/gm)) {
      expect(completions).toContain(option.trim())
      expect(fish).toContain(`-l ${option.trim().slice(2)}`)
    }
  }
  for (const group of ['hooks', 'hooks ask', 'mcp']) {
    const text = await helpFor('help', ...group.split(' '))
    for (const [, name = ''] of text.matchAll(/^ {2}((?:hooks|mcp)(?: [a-z-]+)+)/gm)) {
      texts.push(await helpFor(...name.split(' '), '--help'))
    }
  }
  expect(texts.length).toBeGreaterThan(28)
  for (const text of texts) {
    const lines = text.trimEnd().split('\n')
    // One line of the screen is the prompt’s.
    expect(lines.length).toBeLessThanOrEqual(23)
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  }
})

test('completions know what can follow which words', async () => {
  const script = await helpFor('completions', 'bash')
  const ask = (before: string) =>
    execFileSync('bash', ['-c', `${script}\n_bellhop_words '${before}'`], { encoding: 'utf8' })
  expect(ask('hooks ask').split(' ')).toEqual(['add', 'remove', 'list'])
  expect(ask('answer ses_1')).toContain('approve')
  expect(ask('mcp install').split(' ')).toContain('claude-code')
  expect(ask('mcp ask-me desktop')).toContain('on off')
  expect(ask('send ses_1 words')).toContain('--wait')
  expect(ask('nonsense')).toBe('')
  const { exitCode, errors } = await runCommand(folder.path, ['completions', 'tcsh'])
  expect(exitCode).toBe(2)
  expect(errors).toContain('bash, zsh, fish')
})
