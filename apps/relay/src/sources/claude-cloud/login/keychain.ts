import { execFile } from 'node:child_process'
import type { Timing } from '../../../clock.ts'

export type KeychainItem = { service: string; account: string | undefined }

/** What came of asking: the secret, that there is none, or that nobody said. */
export type KeychainAnswer = { secret: string } | 'absent' | 'unreadable'

export type KeychainOptions = {
  timing: Timing
  /** The program that asks the Keychain. */
  program?: string
  /** Only looks whether there is such an item: that opens no dialog, and the secret stays where it is. */
  isLookOnly?: boolean
  /** What that program finds its home and its helpers by; holds no secret. */
  env: Readonly<Record<string, string | undefined>>
}

const TIME_LIMIT_MS = 15_000
const MAX_BYTES = 1_000_000
/** What `security` ends with where there is no such item. */
const NOT_FOUND = 44

/** Some secrets come as hex, when they hold more than plain letters. */
const plain = (out: string): string => {
  const text = out.replace(/\r?\n$/, '')
  return text.length > 0 && text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text)
    ? Buffer.from(text, 'hex').toString('utf8')
    : text
}

/** Reads one secret from the macOS Keychain. Ends in time, though nobody answers its dialog. */
export const readKeychain = async (
  item: KeychainItem,
  { timing, program = '/usr/bin/security', isLookOnly = false, env }: KeychainOptions,
  signal: AbortSignal,
): Promise<KeychainAnswer> => {
  const over = new AbortController()
  const ended = AbortSignal.any([signal, over.signal])
  const args = ['find-generic-password', '-s', item.service]
  if (!isLookOnly) args.push('-w')
  if (item.account !== undefined) args.splice(1, 0, '-a', item.account)
  const answered = new Promise<KeychainAnswer>((resolve) => {
    execFile(
      program,
      args,
      {
        env: { PATH: env.PATH, HOME: env.HOME, USER: env.USER },
        maxBuffer: MAX_BYTES,
        killSignal: 'SIGKILL',
        signal: ended,
      },
      (error, stdout) => {
        if (!error) resolve({ secret: isLookOnly ? '' : plain(stdout) })
        else resolve(error.code === NOT_FOUND ? 'absent' : 'unreadable')
      },
    )
  })
  const late = timing.wait(TIME_LIMIT_MS, ended).then((): KeychainAnswer => 'unreadable')
  try {
    return await Promise.race([answered, late])
  } finally {
    over.abort()
  }
}
