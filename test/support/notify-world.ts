import {
  type DeviceId,
  type EventDraft,
  PHONE_SCOPES,
  type PushLevel,
  type Scope,
  type SessionId,
} from '@bellhop/core'
import type { Backend } from '../../apps/relay/src/backends/backend.ts'
import { createMemoryBackend } from '../../apps/relay/src/backends/memory/memory-backend.ts'
import { createDevices, type Devices } from '../../apps/relay/src/devices/devices.ts'
import { createLogger, type LogEntry, silentLogger } from '../../apps/relay/src/logger.ts'
import { createNotifier, type Notifier } from '../../apps/relay/src/notify/notifier.ts'
import { createPresence, type Presence } from '../../apps/relay/src/notify/presence.ts'
import { createPushService, type PushService } from '../../apps/relay/src/notify/push-service.ts'
import { readNotifierState } from '../../apps/relay/src/notify/rings.ts'
import { stamped } from './drafts.ts'
import { type ReceivedPush, startPushService, type TestPushService } from './push-service.ts'
import { shellAsk } from './scripted-source.ts'
import { createTestTime, type TestTime } from './test-time.ts'
import { until } from './until.ts'

/** Everything between the log and a push service, real but for the time. */
export interface NotifyWorld extends AsyncDisposable {
  readonly time: TestTime
  readonly backend: Backend
  readonly devices: Devices
  readonly pushService: TestPushService
  readonly push: PushService
  readonly presence: Presence
  readonly log: readonly LogEntry[]
  /** Whether the relay's log says this, of this kind of attention where one is named. */
  logged(what: string, kind?: string): Promise<LogEntry>
  /** A device that is let in and has a subscription, unless told that it has none. */
  pair(
    name: string,
    options?: { scopes?: Scope[]; level?: PushLevel; subscribed?: boolean },
  ): Promise<DeviceId>
  append(session: string, type: EventDraft['type'], fields?: Record<string, unknown>): Promise<void>
  /** A session that has begun. */
  begin(session: string, fields?: Record<string, unknown>): Promise<SessionId>
  ask(session: string, permission: string, fields?: Record<string, unknown>): Promise<void>
  resolve(session: string, permission: string): Promise<void>
  finish(session: string, fields?: Record<string, unknown>): Promise<void>
  /** Pushes that arrived at a device, once there are as many. */
  arrived(deviceId: DeviceId, count: number): Promise<ReceivedPush[]>
  /** Tags of the rings that are saved. */
  rings(): Promise<string[]>
  start(): void
  /** Stops the notifier as a relay going down does; `start` begins a new one on the same data. */
  stop(): Promise<void>
  /** Loses the notifier without a word, as a crash does. */
  crash(): void
}

export const createNotifyWorld = async (
  options: { graceMs?: number; backend?: Backend; time?: TestTime; started?: boolean } = {},
): Promise<NotifyWorld> => {
  const time = options.time ?? createTestTime()
  const { clock } = time
  const backend = options.backend ?? createMemoryBackend({ clock })
  const devices = await createDevices({ registry: backend.devices, clock, logger: silentLogger })
  const pushService = await startPushService()
  const presence = createPresence({ clock })
  const entries: LogEntry[] = []
  const logger = createLogger((line) => entries.push(JSON.parse(line) as LogEntry))
  const publicUrl = () => 'https://desk.shop.dev'
  const push = await createPushService({
    subscriptions: backend.push,
    secrets: backend.secrets,
    sessions: backend.sessions,
    clock,
    publicUrl,
    subject: 'https://desk.shop.dev',
    extraHosts: [pushService.host],
    timeoutMs: 2_000,
  })
  const endpoints = new Map<DeviceId, string>()
  let notifier: Notifier | undefined
  /** What the present notifier may still reach; cut off by a crash. */
  let alive = { yes: true }

  const newNotifier = () => {
    const own = { yes: true }
    alive = own
    const never = new Promise<never>(() => {})
    const unlessCrashed = <Value>(value: () => Promise<Value>) => (own.yes ? value() : never)
    return createNotifier({
      log: backend.log,
      sessions: backend.sessions,
      checkpoints: {
        get: (source, key) => unlessCrashed(() => backend.checkpoints.get(source, key)),
        set: (source, key, value) =>
          unlessCrashed(() => backend.checkpoints.set(source, key, value)),
      },
      devices,
      push: {
        subscribed: () => unlessCrashed(push.subscribed),
        deliver: (...args) => unlessCrashed(() => push.deliver(...args)),
      },
      presence,
      clock,
      logger,
      publicUrl,
      graceMs: options.graceMs ?? 0,
      timers: time.timers,
      random: () => 0.5,
    })
  }

  const state = async () => readNotifierState(await backend.checkpoints.get('@notify', 'state'))
  const at = () => new Date(clock.nowMs()).toISOString()

  const world: NotifyWorld = {
    time,
    backend,
    devices,
    pushService,
    push,
    presence,
    log: entries,
    logged: (what, kind) =>
      until(
        () => entries.find((one) => one.what === what && (kind === undefined || one.kind === kind)),
        {
          what: `the log saying “${what}”`,
        },
      ),
    pair: async (name, { scopes = [...PHONE_SCOPES], level, subscribed = true } = {}) => {
      const { deviceId } = await devices.enrol({
        name,
        platform: 'test',
        thumbprint: name,
        publicKey: { kty: 'EC', crv: 'P-256', x: name, y: name },
        scopes,
        local: false,
      })
      if (!subscribed) return deviceId
      const subscription = pushService.subscribe()
      endpoints.set(deviceId, subscription.endpoint)
      await push.subscribe(deviceId, subscription, level)
      return deviceId
    },
    append: async (session, type, fields) =>
      void (await backend.log.append([stamped(session, type, { at: at(), ...fields })])),
    begin: async (session, fields = {}) => {
      await world.append(session, 'session.started', {
        sourceId: 'scripted',
        machine: 'desk',
        project: 'shop-api',
        ...fields,
      })
      return `ses_${session}` as SessionId
    },
    ask: (session, permission, fields) =>
      world.append(session, 'permission.requested', {
        permissionId: `per_${permission}`,
        ask: shellAsk('pnpm test'),
        ...fields,
      }),
    resolve: (session, permission) =>
      world.append(session, 'permission.resolved', {
        permissionId: `per_${permission}`,
        outcome: 'allowed',
        by: { kind: 'terminal' },
      }),
    finish: (session, fields) =>
      world.append(session, 'turn.ended', { outcome: 'finished', ...fields }),
    arrived: (deviceId, count) =>
      until(
        () => {
          const pushes = pushService.received.filter(
            (one) => one.endpoint === endpoints.get(deviceId),
          )
          return pushes.length >= count && pushes
        },
        { what: `${count} pushes` },
      ),
    rings: async () => ((await state())?.rings ?? []).map(({ attention }) => attention.tag),
    start: () => {
      notifier = newNotifier()
      notifier.start()
    },
    stop: async () => {
      await notifier?.stop()
      notifier = undefined
    },
    crash: () => {
      alive.yes = false
      notifier = undefined
    },
    [Symbol.asyncDispose]: async () => {
      await notifier?.stop()
      await pushService[Symbol.asyncDispose]()
      await backend[Symbol.asyncDispose]()
    },
  }
  if (options.started !== false) world.start()
  return world
}
