import type { Timing } from '../../clock.ts'
import type { CloudApi, OlderApi, SkipCounter } from './cloud-api.ts'
import { loginPlaces } from './login/login-places.ts'
import { createLoginStore, type LoginStore, type LoginStoreOptions } from './login/login-store.ts'
import { createOrganization } from './login/organization.ts'
import { cloudBaseUrl } from './wire/base-url.ts'
import { createCloudHttp } from './wire/cloud-http.ts'
import { createCloudApi } from './wire/newer-api.ts'
import { createOlderApi } from './wire/older-api.ts'
import { createPace } from './wire/pace.ts'
import { createSkipCounter } from './wire/skip-counter.ts'

/** Everything this source has to do with the other side. */
export type CloudWire = {
  newer: CloudApi
  older: OlderApi
  login: LoginStore
  skips: SkipCounter
  /** How far the clock here is behind theirs; undefined before the first answer. */
  clockOffMs(): number | undefined
}

export type CloudWireOptions = LoginStoreOptions & {
  /** Another address than where the API lives; only ever loopback. */
  url?: string | null
  timing: Timing
}

/** Makes the wire; refuses an address that is not this machine’s own with `config_invalid`. */
export const createCloudWire = (options: CloudWireOptions): CloudWire => {
  const { env, home, timing } = options
  const login = createLoginStore(options)
  const skips = createSkipCounter()
  const { accountFile } = loginPlaces(env, home)
  const http = createCloudHttp({
    baseUrl: cloudBaseUrl(options.url),
    loginStore: login,
    organization: createOrganization({ accountFile, timing }),
    timing,
    pace: createPace({ timing }),
  })
  return {
    newer: createCloudApi({ http, timing, skips }),
    older: createOlderApi({ http, timing, skips }),
    login,
    skips,
    clockOffMs: http.clockOffMs,
  }
}
