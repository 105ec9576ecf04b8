import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { loginPlaces } from './login-places.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)

test('[A-6] [A-13] without a folder of its own Claude Code keeps its login in the home folder', () => {
  for (const env of [{ USER: 'ada' }, { USER: 'ada', CLAUDE_CONFIG_DIR: '' }])
    expect(loginPlaces(env, '/home/ada')).toEqual({
      credentialsFile: '/home/ada/.claude/.credentials.json',
      accountFile: '/home/ada/.claude.json',
      keychainService: 'Claude Code-credentials',
      keychainAccount: 'ada',
    })
})

test('[A-6] [A-7] [A-13] a folder of its own holds both files and names the Keychain item, as it was written', () => {
  expect(loginPlaces({ CLAUDE_CONFIG_DIR: '/work/c/' }, '/home/ada')).toEqual({
    credentialsFile: '/work/c/.credentials.json',
    accountFile: '/work/c/.claude.json',
    keychainService: `Claude Code-credentials-${hash('/work/c/')}`,
    keychainAccount: undefined,
  })
})

test('[A-7] a folder for the login alone moves it alone, and an empty one takes the suffix away', () => {
  const env = { CLAUDE_CONFIG_DIR: '/c' }
  expect(loginPlaces({ ...env, CLAUDE_SECURESTORAGE_CONFIG_DIR: '' }, '/home/ada')).toMatchObject({
    credentialsFile: '/c/.credentials.json',
    keychainService: 'Claude Code-credentials',
  })
  expect(loginPlaces({ ...env, CLAUDE_SECURESTORAGE_CONFIG_DIR: '/s' }, '/home/ada')).toMatchObject(
    {
      credentialsFile: '/s/.credentials.json',
      accountFile: '/c/.claude.json',
      keychainService: `Claude Code-credentials-${hash('/s')}`,
    },
  )
})
