import {
  type AnyAsk,
  type Command,
  type Cursor,
  emptyTranscript,
  newCommandId,
  type OpenPermission,
  parseEvent,
  type Receipt,
  readPairingUrl,
  reduceSession,
  reduceTranscript,
  type Session,
  type SessionEvent,
  type SessionId,
  type Signal,
  shownHash,
  type TranscriptRow,
} from '@bellhop/core'
import {
  createRelayClient,
  type DeviceKey,
  deviceKeyFrom,
  generateKeyPair,
  openEventStream,
  pairDevice,
  type RelayClient,
  type RelayClientOptions,
  type StreamState,
} from '@bellhop/core/client'
import { until } from './until.ts'

/** A command without what every command carries; the phone adds that. */
export type Wish = Command extends infer One
  ? One extends Command
    ? Omit<One, 'commandId'>
    : never
  : never

/** A phone made of the same client and reducers as the app, without a screen. */
export interface VirtualPhone extends AsyncDisposable {
  readonly client: RelayClient
  readonly key: DeviceKey
  readonly sessions: ReadonlyMap<SessionId, Session>
  /** Every event in the order it came. */
  readonly events: readonly SessionEvent[]
  readonly signals: readonly Signal[]
  readonly states: readonly StreamState[]
  /** Starts to follow, from a snapshot or from where it left off. */
  follow(options?: { poll?: boolean }): void
  /** Stops following, as when the screen goes dark. Keeps what it knows. */
  sleep(): Promise<void>
  poke(): void
  session(id: SessionId): Session | undefined
  rows(id: SessionId): readonly TranscriptRow[]
  /** Waits for a session that fits. */
  findSession(fits: (session: Session) => boolean, timeoutMs?: number): Promise<Session>
  /** Waits for a permission that fits and answers it with its session. */
  findWait(
    fits?: (wait: OpenPermission) => boolean,
    timeoutMs?: number,
  ): Promise<{ session: Session; wait: OpenPermission }>
  send(wish: Wish): Promise<Receipt>
  /** The hash a phone sends along for what it shows. */
  shown(ask: AnyAsk): Promise<string>
}

/** Makes a phone and, when given a pairing address, pairs it. */
export const createVirtualPhone = async (options: {
  origin: string
  pairUrl?: string
  name?: string
  fetch?: RelayClientOptions['fetch']
  key?: DeviceKey
  onCheck?: (check: string) => void
  limits?: { helloMs?: number; silenceMs?: number; firstMs?: number; maxMs?: number }
}): Promise<VirtualPhone> => {
  const key = options.key ?? (await deviceKeyFrom(await generateKeyPair()))
  const client = createRelayClient({
    origin: options.origin,
    key,
    ...(options.fetch && { fetch: options.fetch }),
  })
  if (options.pairUrl !== undefined) {
    const scanned = readPairingUrl(options.pairUrl)
    if (!scanned) throw new TypeError(`not a pairing address: ${options.pairUrl}`)
    await pairDevice(
      client,
      {
        secret: { kind: 'token', token: scanned.token },
        relayKeyId: scanned.relayKeyId,
        deviceName: options.name ?? 'Test phone',
        platform: 'Virtual phone',
      },
      options.onCheck ? { onCheck: options.onCheck } : {},
    )
  }

  const sessions = new Map<SessionId, Session>()
  const events: SessionEvent[] = []
  const signals: Signal[] = []
  const states: StreamState[] = []
  let cursor: Cursor | undefined
  let control: AbortController | undefined
  let stream: ReturnType<typeof openEventStream> | undefined

  const phone: VirtualPhone = {
    client,
    key,
    sessions,
    events,
    signals,
    states,
    follow: (how = {}) => {
      control = new AbortController()
      stream = openEventStream({
        client,
        ...(cursor !== undefined && { after: cursor }),
        ...(how.poll && { poll: true }),
        ...(options.limits && { limits: options.limits }),
        signal: control.signal,
        onState: (state) => states.push(state),
        onReset: async () => {
          const snapshot = await client.call('sessions', null)
          sessions.clear()
          for (const session of snapshot.sessions) sessions.set(session.sessionId, session)
          cursor = snapshot.cursor
          return snapshot.cursor
        },
        onFrame: (frame) => {
          if (frame.frame === 'event') {
            const { event } = frame
            events.push(event)
            cursor = event.cursor
            const next = reduceSession(sessions.get(event.sessionId), event)
            if (next) sessions.set(event.sessionId, next)
          }
          if (frame.frame === 'caught_up') cursor = frame.cursor
          if (frame.frame === 'signal') signals.push(frame.signal)
        },
      })
    },
    sleep: async () => {
      control?.abort()
      await stream?.ended
      stream = undefined
    },
    poke: () => stream?.poke(),
    session: (id) => sessions.get(id),
    rows: (id) =>
      reduceTranscript(
        emptyTranscript,
        events.filter((event) => event.sessionId === id),
      ).rows,
    findSession: (fits, timeoutMs) =>
      until(() => [...sessions.values()].find(fits), { timeoutMs, what: 'a session that fits' }),
    findWait: (fits = () => true, timeoutMs) =>
      until(
        () => {
          for (const session of sessions.values()) {
            const wait = session.waits.find(fits)
            if (wait) return { session, wait }
          }
          return undefined
        },
        { timeoutMs, what: 'a permission that fits' },
      ),
    send: (wish) => client.call('command', { ...wish, commandId: newCommandId() } as Command),
    shown: (ask) => shownHash(ask),
    [Symbol.asyncDispose]: async () => phone.sleep(),
  }
  return phone
}

/** Reads a session’s whole history by pages, oldest first. */
export const readHistory = async (
  client: RelayClient,
  sessionId: SessionId,
  limit = 200,
): Promise<SessionEvent[]> => {
  const all: SessionEvent[] = []
  for (let before: Cursor | undefined; ; ) {
    const page = await client.call('history', {
      sessionId,
      limit,
      ...(before !== undefined && { before }),
    })
    const read = page.events.map(parseEvent).filter((event) => event !== undefined)
    all.unshift(...read)
    before = read[0]?.cursor
    if (!page.hasMore || before === undefined) return all
  }
}
