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
    describeLogin: async (signal) => loginWords(await wire.login.read(signal)),
    openReader: (about) =>
      createSessionReader({ ...about, sourceId: CLOUD_SOURCE_ID, clock: timing, skips }),
  })
}

/** What is used to get in, and until when; of the token itself nothing. [I12] */
const loginWords = (found: LoginState): string => {
  if (!('login' in found)) return found.words
  const { subscription, expiresAtMs } = found.login
  const kind = subscription === undefined ? 'Claude Code’s' : `Claude Code’s, ${subscription}`
  const until =
    expiresAtMs === undefined ? 'without a known end' : `good until ${isoTime(expiresAtMs)}`
  return found.state === 'ready' ? `${kind}, ${until}` : `${kind}, ended: ${found.words}`
}
