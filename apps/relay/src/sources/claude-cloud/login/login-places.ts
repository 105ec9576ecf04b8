import { createHash } from 'node:crypto'
import { join } from 'node:path'

type ProgramEnv = Readonly<Record<string, string | undefined>>

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

export type LoginPlaces = {
  /** The file with the login. */
  credentialsFile: string
  /** The file that names the account. */
  accountFile: string
  /** What the Keychain calls the login, and whose it is. */
  keychainService: string
  keychainAccount: string | undefined
}

/** Where Claude Code keeps its things, by the person’s own environment. */
export const loginPlaces = (env: ProgramEnv, home: string): LoginPlaces => {
  const configDir = nonEmpty(env.CLAUDE_CONFIG_DIR)
  // A folder of its own for the login alone; empty, it takes the suffix away.
  const secureDir = env.CLAUDE_SECURESTORAGE_CONFIG_DIR
  const loginDir = nonEmpty(secureDir) ?? configDir ?? join(home, '.claude')
  const named = secureDir ?? configDir ?? ''
  const suffix = named && `-${createHash('sha256').update(named).digest('hex').slice(0, 8)}`
  return {
    credentialsFile: join(loginDir, '.credentials.json'),
    accountFile: join(configDir ?? home, '.claude.json'),
    keychainService: `Claude Code-credentials${suffix}`,
    keychainAccount: nonEmpty(env.USER),
  }
}
