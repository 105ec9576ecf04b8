import { readFile, stat } from 'node:fs/promises'
import type { Timing } from '../../../clock.ts'
import { readKeychain } from './keychain.ts'
import { isToken, Login, type LoginState } from './login.ts'
import { loginPlaces } from './login-places.ts'
import { LOGIN_WORDS, loginAt, readLogin, type StoredLogin } from './read-login.ts'

/** Claude Code’s own login, read where it lies. Never renewed, never copied. [A-10] [I12] */
export type LoginStore = {
  /** The login as it is now; looks again whenever what is stored has changed. */
  read(signal: AbortSignal): Promise<LoginState>
  /** The same, but looks again in any case: before a login is called dead. */
  reread(signal: AbortSignal): Promise<LoginState>
}

export type LoginStoreOptions = {
  /** The person’s environment, as for their own programs. */
  env: Readonly<Record<string, string | undefined>>
  home: string
  timing: Timing
  platform?: NodeJS.Platform
  /** The program that asks the macOS Keychain. */
  securityProgram?: string
}

const MAX_FILE_BYTES = 8_000_000
/** A file is written in place now and then; half of it is no JSON. */
const TORN_WAIT_MS = 200
/** The Keychain does not tell of changes, and asking it may open a dialog. */
const KEYCHAIN_KEPT_MS = 5 * 60_000
const KEYCHAIN_RETRY_MS = 60_000

const absent: StoredLogin = { state: 'absent', words: LOGIN_WORDS.absent }
const damaged: StoredLogin = { state: 'unreadable', words: LOGIN_WORDS.damaged }
const forbidden: StoredLogin = { state: 'unreadable', words: LOGIN_WORDS.forbidden }
const noWord: StoredLogin = { state: 'unreadable', words: LOGIN_WORDS.keychain }

const errnoOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

const failed = (error: unknown): StoredLogin =>
  ['ENOENT', 'ENOTDIR'].includes(String(errnoOf(error))) ? absent : forbidden

/** The same login keeps its identity, so that what is remembered by it stays. */
const kept = (before: StoredLogin | undefined, now: StoredLogin): StoredLogin =>
  before instanceof Login &&
  now instanceof Login &&
  now.isSameAs(before) &&
  now.expiresAtMs === before.expiresAtMs &&
  now.organizationId === before.organizationId
    ? before
    : now

export const createLoginStore = (options: LoginStoreOptions): LoginStore => {
  const { env, home, timing, platform = process.platform } = options
  const places = loginPlaces(env, home)
  const given = env.CLAUDE_CODE_OAUTH_TOKEN
  // What it may be used for only the other side knows.
  const bare = isToken(given) ? new Login(given, { isBare: true }) : undefined
  let file: { stamp: string; stored: StoredLogin } | undefined
  let keychain: { untilMs: number; stored: StoredLogin } | undefined
  let asking: Promise<StoredLogin | undefined> | undefined

  const readFileOnce = async (): Promise<StoredLogin | undefined> =>
    readLogin(await readFile(places.credentialsFile, 'utf8'))

  const fromFile = async (isForced: boolean, signal: AbortSignal): Promise<StoredLogin> => {
    try {
      const { mtimeNs, ctimeNs, ino, size } = await stat(places.credentialsFile, { bigint: true })
      const stamp = [mtimeNs, ctimeNs, ino, size].join()
      if (!isForced && file?.stamp === stamp) return file.stored
      if (size > MAX_FILE_BYTES) return damaged
      let read = await readFileOnce()
      if (!read) {
        await timing.wait(TORN_WAIT_MS, signal)
        read = await readFileOnce()
      }
      const stored = kept(file?.stored, read ?? damaged)
      file = { stamp, stored }
      return stored
    } catch (error) {
      file = undefined
      return failed(error)
    }
  }

  const askKeychain = async (signal: AbortSignal): Promise<StoredLogin | undefined> => {
    const answer = await readKeychain(
      { service: places.keychainService, account: places.keychainAccount },
      {
        timing,
        env: { ...env, HOME: home },
        ...(options.securityProgram !== undefined && { program: options.securityProgram }),
      },
      signal,
    )
    if (signal.aborted) return undefined
    const read =
      answer === 'absent'
        ? absent
        : answer === 'unreadable'
          ? noWord
          : (readLogin(answer.secret) ?? damaged)
    const stored = kept(keychain?.stored, read)
    const holds = stored instanceof Login && loginAt(stored, timing.nowMs()).state === 'ready'
    keychain = {
      stored,
      untilMs: timing.nowMs() + (holds ? KEYCHAIN_KEPT_MS : KEYCHAIN_RETRY_MS),
    }
    return stored
  }

  const fromKeychain = async (isForced: boolean, signal: AbortSignal): Promise<StoredLogin> => {
    for (;;) {
      const isFresh = keychain !== undefined && timing.nowMs() < keychain.untilMs
      // A person who did not answer the dialog is not asked again at once, whoever insists.
      if (keychain && isFresh && !(isForced && keychain.stored instanceof Login))
        return keychain.stored
      asking ??= askKeychain(signal).finally(() => {
        asking = undefined
      })
      const stored = await asking
      // Nothing is known when whoever asked first went away; the next one asks for itself.
      if (stored || signal.aborted) return stored ?? noWord
    }
  }

  const look = async (isForced: boolean, signal: AbortSignal): Promise<LoginState> => {
    const inFile = loginAt(await fromFile(isForced, signal), timing.nowMs())
    if (inFile.state === 'ready') return inFile
    let found: LoginState = inFile
    if (platform === 'darwin') {
      const inKeychain = loginAt(await fromKeychain(isForced, signal), timing.nowMs())
      if (inKeychain.state === 'ready' || found.state === 'absent') found = inKeychain
    }
    return found.state === 'absent' && bare ? { state: 'ready', login: bare } : found
  }

  return {
    read: (signal) => look(false, signal),
    reread: (signal) => look(true, signal),
  }
}
