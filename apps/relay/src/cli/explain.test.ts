import { ERRORS, type ErrorCode, RelayError } from '@bellhop/core'
import { RelayUnreachable } from '@bellhop/core/client'
import { expect, test } from 'vitest'
import { explain, UsageError } from './explain.ts'

test('[ER-1] every code becomes one sentence and the exit code 1', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const { exitCode, sentence } = explain(new RelayError(code))
    expect(exitCode).toBe(1)
    expect(sentence).toMatch(/^[A-Z`].*\.$/s)
    expect(sentence).not.toContain('undefined')
  }
})

test('what is known about the case stands in the sentence', () => {
  expect(explain(new RelayError('port_taken', { port: 8787 })).sentence).toContain('port 8787')
  const folder = new RelayError('data_folder_unusable', { path: '/data' })
  expect(explain(folder).sentence).toContain('/data')
  const old = new RelayError('agent_failed', {
    version: '2.0.0',
    needs: '2.1.0',
    do: 'claude update',
  })
  expect(explain(old).sentence).toContain('Run `claude update`')
})

test('a command not understood is 2, a relay not reached is 1, a mistake of ours says so', () => {
  expect(explain(new UsageError('No.'))).toMatchObject({ exitCode: 2, isOurs: false })
  expect(explain(new RelayUnreachable())).toMatchObject({ exitCode: 1, isOurs: false })
  expect(explain(new TypeError('x is not a function'))).toMatchObject({ exitCode: 1, isOurs: true })
})

test('control characters in a detail do not reach the terminal', () => {
  const { sentence } = explain(new RelayError('config_invalid', { why: 'bad\u001b[2J value' }))
  expect(sentence).toBe('bad value.')
})

test('a reason that is a sentence already ends once', () => {
  const { sentence } = explain(new RelayError('config_invalid', { why: 'Name another one.' }))
  expect(sentence).toBe('Name another one.')
})
