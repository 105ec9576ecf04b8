import { hostname } from 'node:os'
import { join } from 'node:path'
import { randomSuffix, type SessionId } from '@bellhop/core'
import type { Backend } from './backends/backend.ts'
import { openSqliteBackend } from './backends/sqlite/sqlite-backend.ts'
import { type Clock, isoTime, systemClock } from './clock.ts'
import type { Config } from './config/config.ts'
import { refuseSecondRelay, removeRuntimeFile, writeRuntimeFile } from './config/runtime-file.ts'
import { createAccessTokens } from './devices/access-tokens.ts'
import { createAgentTokens } from './devices/agent-tokens.ts'
import { createAuthenticate } from './devices/authenticate.ts'
import { createDevices, type Devices } from './devices/devices.ts'
import { createDpopVerifier } from './devices/dpop-verifier.ts'
import { enrolLocalDevice } from './devices/local-device.ts'
import { createNonces } from './devices/nonces.ts'
import { createPairing, type Pairing } from './devices/pairing.ts'
import { loadRelayKeys } from './devices/relay-keys.ts'
import { createApp } from './http/app.ts'
import { listen } from './http/server.ts'
import { type Logger, silentLogger } from './logger.ts'
import { createNotifier } from './notify/notifier.ts'
import { createPresence } from './notify/presence.ts'
import { createPushService } from './notify/push-service.ts'
import { contactFor } from './notify/vapid.ts'
import { type AGENT_BOUNDS, createAgentGuard } from './sessions/agent-guard.ts'
import { createCommandDispatcher } from './sessions/command-dispatcher.ts'
import { createEventFeed } from './sessions/event-feed.ts'
import type { EventLog, SessionIndex } from './sessions/event-log.ts'
import { createFocus, FOCUS_LIFE_MS } from './sessions/focus.ts'
import { noteFollowedSources } from './sessions/followed-sources.ts'
import { createIngest } from './sessions/ingest.ts'
import { startRetention } from './sessions/retention.ts'
import { createRunBoard } from './sessions/run-board.ts'
import type { SessionSource } from './sessions/session-source.ts'
import { createSignalHub } from './sessions/signal-hub.ts'
import { createSourceSupervisor, type SourceSupervisor } from './sessions/source-supervisor.ts'
import { createTranscriptSearch } from './sessions/transcript-search.ts'
import { createClaudeLocalSource } from './sources/claude-local/claude-local-source.ts'
import { findClaude } from './sources/claude-local/claude-program.ts'
import { createSimulatedSource } from './sources/simulated/simulated-source.ts'

/** What is said of what was under way when the relay went away. [AL-5] */
const NEVER_HEARD = 'The relay was restarted meanwhile, so it is not known whether this was done.'

export type RelayOverrides = {
  sources?: readonly SessionSource[]
  backend?: Backend
  clock?: Clock
  logger?: Logger
  /** How much agents may say, where it is not the usual. */
  agentBounds?: Partial<typeof AGENT_BOUNDS>
  /** Checks every answer against its schema before it goes out: for development and tests. */
  checkAnswers?: boolean
}

/** A running relay. Disposing drains it and leaves nothing behind. */
export interface Relay extends AsyncDisposable {
  /** Where it answers on this machine. */
  readonly url: string
  /** Where phones reach it. */
  readonly publicUrl: string
  readonly instanceId: string
  readonly machine: string
  readonly pairing: Pairing
  readonly devices: Devices
  readonly sources: SourceSupervisor
  readonly sessions: SessionIndex
  readonly log: Pick<EventLog, 'onAppend'>
  /** Answers under another public address from now on, as when a tunnel has come up. */
  setPublicUrl(url: string): void
}

/** Builds every part, in order, and starts them. The only file that knows them all. */
export const createRelay = async (
  config: Config,
  overrides: RelayOverrides = {},
): Promise<Relay> => {
  const clock = overrides.clock ?? systemClock
  const logger = overrides.logger ?? silentLogger
  const instanceId = randomSuffix()
  const startedAt = isoTime(clock.nowMs())
  const machine = machineName()
  let reach = config.publicUrl
  let localUrl = ''
  const publicUrl = () => reach ?? localUrl

  // What is remembered
  await refuseSecondRelay(config.dataDir)
  await using undo = new AsyncDisposableStack()
  const path = join(config.dataDir, 'bellhop.db')
  const backend = undo.use(overrides.backend ?? (await openSqliteBackend({ path, clock })))
  const { log, sessions, ledger, audit, checkpoints } = backend

  // Who may act
  const keys = await loadRelayKeys(backend.secrets)
  const devices = await createDevices({ registry: backend.devices, clock, logger })
  const nonces = createNonces(keys.nonceSecret, clock)
  const tokens = createAccessTokens({ secret: keys.tokenSecret, audience: keys.thumbprint, clock })
  const verifier = createDpopVerifier({ nonces, replay: backend.replay, clock })
  const authenticate = createAuthenticate({ verifier, tokens, devices })
  const pairing = createPairing({ devices, keys, clock, machine, origin: publicUrl })
  await enrolLocalDevice({ dataDir: config.dataDir, devices, name: machine })

  // What happens
  const hub = createSignalHub()
  const runs = createRunBoard(sessions)
  const onFacts = (sessionIds: ReadonlySet<SessionId>) => {
    runs
      .look(sessionIds)
      .catch((error: unknown) => logger.warn('runs were not looked at', { error }))
  }
  const ingest = createIngest({ log, sessions, hub, clock, logger, machine, onFacts })
  const feed = createEventFeed({ log, hub, clock, instanceId })
  const sources = createSourceSupervisor({
    sources:
      overrides.sources ?? (await chooseSources(config, { devices, clock, logger, machine })),
    ingest,
    hub,
    checkpoints,
    sessions,
    runs,
    clock,
    logger,
  })
  await runs.load()
  const sourceIds = sources.all().map(({ manifest }) => manifest.sourceId)
  await noteFollowedSources({ sourceIds, sessions, ingest, clock })
  const focus = createFocus({
    clock,
    onChange: (looked, isListOpen) => {
      for (const source of sources.all()) source.focus?.(looked, isListOpen)
    },
  })
  const focusTimer = setInterval(() => focus.tidy(), FOCUS_LIFE_MS / 3).unref()
  undo.defer(() => clearInterval(focusTimer))
  const guard = createAgentGuard({
    ...{ sessions, log, audit, clock },
    ...(overrides.agentBounds && { bounds: overrides.agentBounds }),
  })
  const dispatcher = createCommandDispatcher({
    sources,
    ingest,
    sessions,
    log,
    ledger,
    audit,
    guard,
    devices,
    clock,
    logger,
  })

  undo.defer(() => dispatcher.stop())
  const waiting = await dispatcher.recover()
  await audit.closeOpen(NEVER_HEARD, startedAt, waiting)

  // When the phone sleeps
  const presence = createPresence({ clock })
  const push = await createPushService({
    subscriptions: backend.push,
    secrets: backend.secrets,
    sessions,
    clock,
    publicUrl,
    subject: config.push.subject ?? contactFor(config.publicUrl),
    extraHosts: config.push.extraHosts,
  })
  const notifier = createNotifier({
    log,
    sessions,
    checkpoints,
    devices,
    push,
    presence,
    clock,
    logger,
    publicUrl,
    graceMs: config.push.graceMs,
  })

  // The way in
  const app = createApp({
    clock,
    logger,
    about: { machine, instanceId, startedAt, publicUrl },
    tokens,
    devices,
    pairing,
    sessions,
    log,
    search: createTranscriptSearch({ index: backend.search, sessions }),
    feed,
    dispatcher,
    audit,
    guard,
    sources,
    focus,
    presence,
    push,
    nonces,
    authenticate,
    agentTokens: createAgentTokens(devices),
    agentDoor: async () => {
      const { createHttpDoor } = await import('./mcp/http-door.ts')
      return createHttpDoor(clock)
    },
    publicOrigins: () => (reach === null ? [] : [reach]),
    appDir: config.appDir,
    checkAnswers: overrides.checkAnswers ?? false,
  })
  const server = await listen({ app, host: config.host, port: config.port })
  localUrl = server.url
  undo.defer(() => server.close())

  await writeRuntimeFile(config.dataDir, {
    pid: process.pid,
    instanceId,
    url: localUrl,
    publicUrl: publicUrl(),
    startedAt,
  })
  undo.defer(() => removeRuntimeFile(config.dataDir, instanceId))
  sources.start()
  undo.defer(() => sources.stop())
  sources.heard().then(() => dispatcher.goOn())
  notifier.start()
  undo.defer(() => notifier.stop())
  undo.use(startRetention({ log, ledger, audit, clock, logger }))

  const parts = undo.move()
  return {
    url: localUrl,
    get publicUrl() {
      return publicUrl()
    },
    instanceId,
    machine,
    pairing,
    devices,
    sources,
    sessions,
    log,
    setPublicUrl: (url) => {
      reach = url
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** The machine’s name as people say it. */
export const machineName = (): string => hostname().replace(/\.(local|lan|home|localdomain)$/, '')

/** The person’s own sessions; made-up ones too when asked for, or when there is no agent to follow. */
const chooseSources = async (
  config: Config,
  parts: { devices: Devices; clock: Clock; logger: Logger; machine: string },
): Promise<SessionSource[]> => {
  const { devices, clock, logger, machine } = parts
  const env = { ...config.programEnv }
  const local = createClaudeLocalSource({
    dataDir: config.dataDir,
    env,
    machine,
    isAnyonePaired: () => devices.list().length > 0,
    logger,
  })
  const sources: SessionSource[] = [local]
  if (config.cloud.isOn) {
    // Loaded only where it is wanted: who does not use it does not carry it in memory.
    const { openCloudSource } = await import('./sources/claude-cloud/open-cloud-source.ts')
    sources.push(openCloudSource({ url: config.cloud.url, env, home: config.home, logger }))
  }
  const isAlone = !config.cloud.isOn && (await findClaude(env)) === undefined
  if (config.demo || isAlone) sources.push(createSimulatedSource({ clock, machine }))
  return sources
}
