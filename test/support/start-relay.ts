import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRelay, type Relay, type RelayOverrides } from '@bellhop/relay'
import { type Config, makeConfig } from '@bellhop/relay/config'
import { readEnv } from '@bellhop/relay/env'
import { createLogger } from '../../apps/relay/src/logger.ts'
import { lookThrough, lookThroughFolder, watchingFetch } from './leak-watch.ts'
import { createScriptedSource, type ScriptedSource } from './scripted-source.ts'
import { until } from './until.ts'
import { createVirtualPhone, type VirtualPhone } from './virtual-phone.ts'

/** A real relay on a free port with SQLite in a folder of its own, and a source to play by hand. */
export interface TestRelay extends AsyncDisposable {
  readonly relay: Relay
  readonly origin: string
  readonly dataDir: string
  readonly source: ScriptedSource
  /** A fresh pairing address that lets whoever scans it in unasked. */
  pairUrl(): Promise<string>
  /** A paired phone that follows. */
  phone(options?: Partial<Parameters<typeof createVirtualPhone>[0]>): Promise<VirtualPhone>
  /** Stops the relay and keeps its data, as a restart does. */
  stop(): Promise<void>
}

export const startRelay = async (
  options: {
    dataDir?: string
    config?: Partial<Config>
    overrides?: RelayOverrides
    source?: ScriptedSource
  } = {},
): Promise<TestRelay> => {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'bellhop-relay-')))
  const source = options.source ?? createScriptedSource()
  const config: Config = {
    ...makeConfig({ dataDir, port: '0' }, readEnv({ HOME: dataDir, PATH: '' })),
    ...options.config,
  }
  const removeOwnFolder = async () => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
  }
  const relay = await createRelay(config, {
    sources: [source],
    checkAnswers: true,
    logger: createLogger((line) => lookThrough('log', 'relay', line)),
    ...options.overrides,
  }).catch(async (error: unknown) => {
    await removeOwnFolder()
    throw error
  })
  const stop = async () => relay[Symbol.asyncDispose]()
  const test: TestRelay = {
    relay,
    origin: relay.url,
    dataDir,
    source,
    pairUrl: async () => (await relay.pairing.offer({ confirm: false })).pairUrl,
    phone: async (phone = {}) => {
      const paired = await createVirtualPhone({
        origin: relay.url,
        fetch: watchingFetch(),
        ...phone,
        pairUrl: phone.pairUrl ?? (await test.pairUrl()),
      })
      paired.follow()
      await until(() => paired.states.at(-1)?.state === 'live', { what: 'a live phone' })
      return paired
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
      await lookThroughFolder(dataDir)
      await removeOwnFolder()
    },
  }
  return test
}
