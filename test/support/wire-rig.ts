import { join } from 'node:path'
import {
  type CloudWire,
  createCloudWire,
} from '../../apps/relay/src/sources/claude-cloud/cloud-wire.ts'
import { startSessionApi } from '../session-api/session-api.ts'
import type { LoginOverrides, SessionApi, SessionApiOptions } from '../session-api/types.ts'
import { lookThrough } from './leak-watch.ts'
import { tempFolder } from './temp-folder.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'

export interface WireRig extends AsyncDisposable {
  api: SessionApi
  wire: CloudWire
  time: VirtualTime
  /** Where the login lies. */
  configDir: string
  signal: AbortSignal
  abort(): void
  /** Lets time pass until something is done; answers it, or what it was rejected with. */
  passUntil<Result>(work: Promise<Result>, maxMs?: number): Promise<Result>
}

/** The cloud source’s wire on the stand-in server, in time that stands still. */
export const startWireRig = async (
  options: Omit<SessionApiOptions, 'time'> & { login?: LoginOverrides } = {},
): Promise<WireRig> => {
  const time = createVirtualTime()
  const { login, ...serverOptions } = options
  const api = await startSessionApi({ ...serverOptions, time })
  const folder = tempFolder()
  const configDir = join(folder.path, 'config')
  await api.writeLogin(configDir, login)
  const control = new AbortController()
  const wire = createCloudWire({
    env: { CLAUDE_CONFIG_DIR: configDir },
    home: folder.path,
    platform: 'linux',
    timing: time,
    url: api.url,
  })
  return {
    api,
    wire,
    time,
    configDir,
    signal: control.signal,
    abort: () => control.abort(),
    passUntil: async (work, maxMs = 120_000) => {
      const state = { isDone: false }
      const done = () => {
        state.isDone = true
      }
      work.then(done, done)
      for (let passedMs = 0; passedMs < maxMs; passedMs += 100) {
        await time.settle()
        if (state.isDone) break
        await time.pass(100)
      }
      return work
    },
    [Symbol.asyncDispose]: async () => {
      control.abort()
      lookThrough('url', 'upstream', api.requests.map(({ path }) => path).join('\n'))
      await api[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

/** What a call was rejected with. */
export const failureOf = <Failure>(work: Promise<unknown>): Promise<Failure> =>
  work.then(
    (value) => {
      throw new Error(`It did not fail: ${JSON.stringify(value)}`)
    },
    (error: Failure) => error,
  )
