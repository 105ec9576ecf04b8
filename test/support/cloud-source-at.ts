import type { SessionSource } from '@bellhop/relay/session-source'
import {
  CLOUD_SOURCE_ID,
  createClaudeCloudSource,
} from '../../apps/relay/src/sources/claude-cloud/claude-cloud-source.ts'
import { loginPlaces } from '../../apps/relay/src/sources/claude-cloud/login/login-places.ts'
import { createLoginStore } from '../../apps/relay/src/sources/claude-cloud/login/login-store.ts'
import { createOrganization } from '../../apps/relay/src/sources/claude-cloud/login/organization.ts'
import type { OpenCloudOptions } from '../../apps/relay/src/sources/claude-cloud/open-cloud-source.ts'
import { capabilitiesOf } from '../../apps/relay/src/sources/claude-cloud/reading/row-facts.ts'
import { createSessionReader } from '../../apps/relay/src/sources/claude-cloud/reading/session-reader.ts'
import {
  type CloudHttp,
  createCloudHttp,
} from '../../apps/relay/src/sources/claude-cloud/wire/cloud-http.ts'
import { createCloudApi } from '../../apps/relay/src/sources/claude-cloud/wire/newer-api.ts'
import { createOlderApi } from '../../apps/relay/src/sources/claude-cloud/wire/older-api.ts'
import { createPace } from '../../apps/relay/src/sources/claude-cloud/wire/pace.ts'
import { createSkipCounter } from '../../apps/relay/src/sources/claude-cloud/wire/skip-counter.ts'

export type CloudSourceParts = Omit<OpenCloudOptions, 'url' | 'timing'> &
  Required<Pick<OpenCloudOptions, 'timing'>>

/**
 * The cloud source with its own wire, at addresses a relay may not be told, such as https on loopback.
 * Each call goes to the address of its moment.
 */
export const cloudSourceAt = (address: () => string, parts: CloudSourceParts): SessionSource => {
  const { env, home, timing } = parts
  const skips = createSkipCounter()
  const shared = {
    loginStore: createLoginStore({ env, home, timing }),
    organization: createOrganization({ accountFile: loginPlaces(env, home).accountFile, timing }),
    timing,
    pace: createPace({ timing }),
  }
  const known = new Map<string, CloudHttp>()
  const now = (): CloudHttp => {
    const baseUrl = address()
    const http = known.get(baseUrl) ?? createCloudHttp({ ...shared, baseUrl })
    known.set(baseUrl, http)
    return http
  }
  const http: CloudHttp = {
    get baseUrl() {
      return address()
    },
    call: (request, signal) => now().call(request, signal),
    open: (request, signal) => now().open(request, signal),
    credentials: (signal) => now().credentials(signal),
    cover: (text) => now().cover(text),
    clockOffMs: () => now().clockOffMs(),
  }
  return createClaudeCloudSource({
    api: createCloudApi({ http, timing, skips }),
    older: createOlderApi({ http, timing, skips }),
    timing,
    skips,
    capabilitiesOf,
    clockOffMs: http.clockOffMs,
    openReader: (about) =>
      createSessionReader({ ...about, sourceId: CLOUD_SOURCE_ID, clock: timing, skips }),
    ...(parts.logger && { logger: parts.logger }),
    ...(parts.random && { random: parts.random }),
  })
}
