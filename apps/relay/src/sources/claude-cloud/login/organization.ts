import { readFile, stat } from 'node:fs/promises'
import type { Timing } from '../../../clock.ts'
import { CloudFailure } from '../cloud-failure.ts'
import type { Login } from './login.ts'

/** Finds the organisation a login belongs to, and remembers it for as long as the login lasts. */
export type Organization = {
  /** Undefined where no way tells it; calls go out without it then. `ask` makes a call with that login. */
  of(login: Login, ask: (path: string) => Promise<unknown>): Promise<string | undefined>
}

const MAX_FILE_BYTES = 64_000_000
/** After a way that failed for now, calls go without for this long. */
const RETRY_MS = 60_000

const isUuid = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f-]{8,64}$/i.test(value)

const at = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null
        ? (found as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  )

const fromFile = async (path: string): Promise<unknown> => {
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) return undefined
    return at(JSON.parse(await readFile(path, 'utf8')), 'oauthAccount', 'organizationUuid')
  } catch {
    return undefined
  }
}

export const createOrganization = (options: {
  /** `.claude.json`, wherever it lies. */
  accountFile: string
  timing: Timing
}): Organization => {
  type Finding = { found: Promise<string | undefined>; untilMs: number }
  const known = new WeakMap<Login, Finding>()

  /** One way that is a call: nothing when it is not open to this login, and the failure when it broke. */
  const called = async (ask: () => Promise<unknown>, ...names: string[]): Promise<unknown> => {
    try {
      return at(await ask(), ...names)
    } catch (error) {
      if (
        error instanceof CloudFailure &&
        ['login', 'refused', 'absent', 'gone'].includes(error.kind)
      )
        return undefined
      throw error
    }
  }

  const find = async (login: Login, ask: (path: string) => Promise<unknown>) => {
    const ways = [
      () => fromFile(options.accountFile),
      () => login.organizationId,
      () => called(() => ask('/api/oauth/profile'), 'organization', 'uuid'),
      () => called(() => ask('/api/oauth/claude_cli/roles'), 'organization_uuid'),
    ]
    for (const way of ways) {
      const found = await way()
      if (isUuid(found)) return found
    }
    return undefined
  }

  return {
    of: (login, ask) => {
      const before = known.get(login)
      if (before && options.timing.nowMs() < before.untilMs) return before.found
      const finding: Finding = {
        untilMs: Number.POSITIVE_INFINITY,
        found: find(login, ask).catch(() => {
          finding.untilMs = options.timing.nowMs() + RETRY_MS
          return undefined
        }),
      }
      known.set(login, finding)
      return finding.found
    },
  }
}
