import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newCommandId, type Receipt, type ResponseOf, type SessionId } from '@bellhop/core'
import { readEnv } from '@bellhop/relay/env'
import type { SessionSource } from '@bellhop/relay/session-source'
import { createLogger } from '../../apps/relay/src/logger.ts'
import {
  type OpenCloudOptions,
  openCloudSource,
} from '../../apps/relay/src/sources/claude-cloud/open-cloud-source.ts'
import { sessionIdOf } from '../../apps/relay/src/sources/claude-cloud/session-names.ts'
import { startSessionApi } from '../session-api/session-api.ts'
import { idSuffix } from '../session-api/session-ids.ts'
import type {
  AddSessionOptions,
  ApiSession,
  Families,
  SessionApi,
  SessionApiOptions,
} from '../session-api/types.ts'
import { createWorker } from '../session-api/worker.ts'
import type { Worker, WorkerOptions } from '../session-api/worker-types.ts'
import { lookThrough } from './leak-watch.ts'
import { createScriptedSource, type ScriptedSource } from './scripted-source.ts'
import { startRelay, type TestRelay } from './start-relay.ts'
import { until } from './until.ts'
import type { VirtualPhone, Wish } from './virtual-phone.ts'
import { realServerTime, type ServerTime, type VirtualTime } from './virtual-time.ts'

export type CloudRelayOptions = {
  /** By default the time on the wall. */
  time?: VirtualTime
  families?: Partial<Families>
  api?: Omit<SessionApiOptions, 'time'>
  /** Who is not signed in when the relay starts. */
  isSignedOut?: boolean
  /** Chooses the pauses, where a test needs them to be the same. */
  random?: () => number
  /** Opens the source in another way than a relay does. */
  openSource?: (parts: OpenCloudOptions & { url: string; timing: ServerTime }) => SessionSource
}

/** A session at the test server with somebody working at it, and what it is called here. */
export type Seat = { session: ApiSession; worker: Worker; id: SessionId }

/** What a phone is told of a source. */
export type SourceState = ResponseOf<'relay'>['sources'][number]

export type Within = { what?: string; withinMs?: number }

/** A real relay that follows an account of the test server by the real cloud source. */
export interface CloudRelay extends AsyncDisposable {
  readonly api: SessionApi
  readonly time: ServerTime
  /** The home folder with the login; `.claude` is in it. */
  readonly home: string
  readonly dataDir: string
  /** The relay that runs just now. */
  readonly running: TestRelay
  /** A source of sessions on this machine, to play by hand. */
  readonly local: ScriptedSource
  /** Adds a session without a worker: what it says is up to the test. */
  addSession(options?: AddSessionOptions): { session: ApiSession; id: SessionId }
  /** Adds a session with a worker at it. */
  seat(options?: AddSessionOptions & { worker?: WorkerOptions }): Seat
  /** A paired phone that follows. */
  phone(options?: Parameters<TestRelay['phone']>[0]): Promise<VirtualPhone>
  /** Waits until the phone lists the session. */
  listed(phone: VirtualPhone, id: SessionId, within?: Within): Promise<void>
  /** Has the session before the phone’s eyes, so that it is followed live. */
  look(phone: VirtualPhone, id: SessionId | null): Promise<void>
  /** Sends and waits for what comes of it, letting time pass as far as it has to. */
  send(phone: VirtualPhone, wish: Wish, within?: Within): Promise<Receipt>
  /** Waits for a condition, letting time pass as far as it has to. */
  eventually<Value>(
    condition: () => Value | undefined | false | Promise<Value | undefined | false>,
    within?: Within,
  ): Promise<Value>
  pass(ms: number): Promise<void>
  /** How the cloud source is doing, as a phone is told. */
  health(phone: VirtualPhone): Promise<SourceState>
  /** Writes the login anew, as Claude Code does when it has renewed it. */
  signIn(): Promise<void>
  /** Stops the relay and starts it again over the same data, at the same address; phones come back to it. */
  restart(): Promise<void>
}

const isVirtual = (time: ServerTime): time is VirtualTime => 'pass' in time
const CLOUD = 'claude-cloud'
const WITHIN_MS = 15_000
/** What is not a matter of the passing time, such as bytes on their way to a phone, takes less. */
const GRACE_MS = 1_500
const LAG_MS = 25

/**
 * What is on its way between relay and phones: time that passes at once must not outrun it by minutes.
 * Given up on soon, as a phone may sleep.
 */
const createLag = () => {
  const phones: VirtualPhone[] = []
  let known = 0
  let untilMs = 0
  const count = () => phones.reduce((sum, { events }) => sum + events.length, 0)
  return {
    phones,
    /** Something was stored, so the phones are about to be told. */
    told: () => {
      known = count()
      untilMs = performance.now() + LAG_MS
    },
    /** A phone has asked for something. */
    asked: () => {
      known = Number.POSITIVE_INFINITY
      untilMs = performance.now() + LAG_MS
    },
    isOpen: () => phones.length > 0 && count() <= known && performance.now() < untilMs,
  }
}

export const startCloudRelay = async (options: CloudRelayOptions = {}): Promise<CloudRelay> => {
  const time: ServerTime = options.time ?? realServerTime
  await using undo = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'bellhop-cloud-'))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const home = join(folder, 'home')
  const dataDir = join(folder, 'data')
  const api = undo.use(await startSessionApi({ ...options.api, time }))
  undo.defer(() => lookThrough('url', 'upstream', api.requests.map(({ path }) => path).join('\n')))
  Object.assign(api.families, options.families)
  const signIn = () => api.writeLogin(join(home, '.claude'))
  if (!options.isSignedOut) await signIn()
  const workers = undo.use(new DisposableStack())
  const logger = createLogger((line) => lookThrough('log', 'relay', line))
  const local = createScriptedSource()
  const lag = createLag()
  if (isVirtual(time)) undo.use(time.busy(lag.isOpen))
  let port = 0

  const startOnce = async (): Promise<TestRelay> => {
    const source = (options.openSource ?? openCloudSource)({
      url: api.url,
      env: { HOME: home, PATH: '' },
      home,
      timing: time,
      logger,
      ...(options.random && { random: options.random }),
    })
    const relay = await startRelay({
      dataDir,
      source: local,
      config: { port, home, programEnv: readEnv({ HOME: home, PATH: '' }).programs },
      overrides: { sources: [local, source], logger },
    })
    port = Number(new URL(relay.origin).port)
    relay.relay.log.onAppend(lag.told)
    return relay
  }
  let running = await startOnce()
  undo.defer(() => running[Symbol.asyncDispose]())

  const pass = (ms: number): Promise<void> =>
    isVirtual(time) ? time.pass(ms) : sleep(ms).then(() => {})

  const eventually: CloudRelay['eventually'] = async (condition, within = {}) => {
    const { what = condition.toString(), withinMs = WITHIN_MS } = within
    if (!isVirtual(time)) return until(condition, { timeoutMs: withinMs, what })
    const endMs = time.nowMs() + withinMs
    for (let stepMs = 50; time.nowMs() < endMs; stepMs = Math.min(1_000, stepMs + 10)) {
      const value = await condition()
      if (value !== undefined && value !== false) return value
      await time.pass(Math.min(stepMs, endMs - time.nowMs()))
      await sleep(1)
    }
    return until(condition, { timeoutMs: GRACE_MS, what })
  }

  const receiptOf = (phone: VirtualPhone, { commandId }: Receipt): Receipt | undefined => {
    const settled = phone.events.find(
      (event) => event.type === 'command.settled' && event.commandId === commandId,
    )
    if (settled?.type !== 'command.settled') return undefined
    const { outcome: state, code, text } = settled
    return { commandId, state, ...(code && { code }), ...(text && { text }) }
  }

  const rig: CloudRelay = {
    api,
    time,
    home,
    dataDir,
    local,
    get running() {
      return running
    },
    addSession: (adding) => {
      const session = api.addSession(adding)
      return { session, id: sessionIdOf(idSuffix(session.id)) }
    },
    seat: ({ worker: habits, ...adding } = {}) => {
      const { session, id } = rig.addSession({ kind: habits?.kind ?? 'terminal', ...adding })
      const worker = createWorker(session, { ...habits, time })
      workers.use(worker)
      return { session, id, worker }
    },
    phone: async (options) => {
      const phone = await running.phone(options)
      lag.phones.push(phone)
      return phone
    },
    listed: async (phone, id, within) => {
      await eventually(() => phone.session(id), { what: `${id} on the phone’s list`, ...within })
    },
    look: async (phone, sessionId) => {
      await phone.client.call('presence', { visible: true, sessionId, shown: null })
    },
    send: async (phone, wish, within = {}) => {
      const commandId = newCommandId()
      let answer: Receipt | { error: unknown } | undefined
      lag.asked()
      phone.client.call('command', { ...wish, commandId } as never).then(
        (receipt) => {
          answer = receipt
        },
        (error: unknown) => {
          answer = { error }
        },
      )
      const settled = await eventually(
        () =>
          answer && ('error' in answer || answer.state !== 'pending')
            ? answer
            : receiptOf(phone, { commandId, state: 'pending' }),
        { what: `what comes of ${wish.type}`, withinMs: 90_000, ...within },
      )
      if ('error' in settled) throw settled.error
      return settled
    },
    eventually,
    pass,
    health: async (phone) => {
      const { sources } = await phone.client.call('relay', null)
      const found = sources.find(({ sourceId }) => sourceId === CLOUD)
      if (!found) throw new Error('The relay has no cloud source')
      return found
    },
    signIn,
    restart: async () => {
      const following = lag.phones.map((phone) => ({ phone, from: phone.states.length }))
      await running.stop()
      running = await startOnce()
      for (const { phone, from } of following) {
        phone.poke()
        const isBack = () => phone.states.slice(from).at(-1)?.state === 'live'
        await until(isBack, { what: 'a phone that is back' })
      }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
  const parts = undo.move()
  return rig
}
