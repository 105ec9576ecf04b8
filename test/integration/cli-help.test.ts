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
  for (const text of texts) {
    const lines = text.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(24)
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  }
})

test('completions know what can follow which words', async () => {
  const script = await helpFor('completions', 'bash')
  const ask = (before: string) =>
    execFileSync('bash', ['-c', `${script}\n_bellhop_words '${before}'`], { encoding: 'utf8' })
  expect(ask('hooks ask').split(' ')).toEqual(['add', 'remove', 'list'])
  expect(ask('answer ses_1')).toContain('approve')
  expect(ask('send ses_1 words')).toContain('--wait')
  expect(ask('nonsense')).toBe('')
  const { exitCode, errors } = await runCommand(folder.path, ['completions', 'tcsh'])
  expect(exitCode).toBe(2)
  expect(errors).toContain('bash, zsh, fish')
})
