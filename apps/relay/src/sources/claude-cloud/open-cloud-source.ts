import { isoTime, systemTiming, type Timing } from '../../clock.ts'
import { type Logger, silentLogger } from '../../logger.ts'
import type { SessionSource } from '../../sessions/session-source.ts'
import { CLOUD_SOURCE_ID, createClaudeCloudSource } from './claude-cloud-source.ts'
import { createCloudWire } from './cloud-wire.ts'
import type { LoginState } from './login/login.ts'
import { capabilitiesOf } from './reading/row-facts.ts'
import { createSessionReader } from './reading/session-reader.ts'

export interface OpenCloudOptions {
  /** Another address than where the API lives; only ever loopback. */
  url?: string | null
  /** The environment of the person’s own programs, which says where their login lies. */
  env: Readonly<Record<string, string | undefined>>
  home: string
  timing?: Timing
  logger?: Logger
  random?: () => number
  /** What the machine this runs on calls itself. */
  hostname?: string
}

/** The cloud source on the person’s own login; refuses an address that is not this machine’s own. */
export const openCloudSource = (options: OpenCloudOptions): SessionSource => {
  const { url = null, env, home, timing = systemTiming, logger = silentLogger } = options
  const wire = createCloudWire({ url, env, home, timing })
  const { newer: api, older, skips, clockOffMs } = wire
  return createClaudeCloudSource({
    api,
    older,
    timing,
    skips,
    capabilitiesOf,
    clockOffMs,
    logger,
    ...(options.hostname !== undefined && { hostname: options.hostname }),
    ...(options.random && { random: options.random }),
    describeLogin: async (signal) =>
      loginWords(await wire.login.read(signal), timing.nowMs() + (clockOffMs() ?? 0)),
    openReader: (about) =>
      createSessionReader({ ...about, sourceId: CLOUD_SOURCE_ID, clock: timing, skips }),
  })
}

/** What is used to get in, and until when, by the clock of the other side; of the token itself nothing. [I12] */
const loginWords = (found: LoginState, theirNowMs: number): string => {
  if (!('login' in found)) return found.words
  const { subscription, expiresAtMs, isBare } = found.login
  const whose = isBare ? 'CLAUDE_CODE_OAUTH_TOKEN' : 'Claude Code’s'
  const kind = subscription === undefined ? whose : `${whose}, ${subscription}`
  const until =
    expiresAtMs === undefined ? 'without a known end' : `good until ${isoTime(expiresAtMs)}`
  const isOver = found.state !== 'ready' && (expiresAtMs ?? 0) <= theirNowMs
  return isOver ? `${kind}, ended: ${found.words}` : `${kind}, ${until}`
}
