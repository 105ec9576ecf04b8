import type { Cursor, DeviceId, Place, ResponseOf, Scope, Session, SessionId } from '@bellhop/core'
import { createRelayClient, type DeviceKey, type RelayClient } from '@bellhop/core/client'
import { createContext, createEffect, createSignal, on, useContext } from 'solid-js'
import { eraseAll, keep, recall } from '../platform/database.ts'
import { isCurrent } from '../relay/connection.ts'
import { loadDeviceKey } from '../relay/device-key.ts'
import { createAnswers } from './answers.ts'
import { batchFrames, type FrameBatch } from './frame-batch.ts'
import { createOutbox } from './outbox.ts'
import { createRelayLink } from './relay-link.ts'
import { createSessionStore } from './session-store.ts'
import { createSeen, forgetSettings } from './settings.ts'
import type { createTranscript, TranscriptStore } from './transcript-store.ts'

/** What this phone knows of its own pairing. */
export type Pairing = {
  readonly deviceId: DeviceId
  readonly name: string
  readonly machine: string
  readonly scopes: readonly Scope[]
  readonly pairedAt: string
  /** False when this browser could not keep the key: the pairing ends with the page. */
  readonly kept: boolean
}

type Snapshot = { sessions: Session[]; cursor: Cursor; heardMs: number | undefined }
export type RelayFacts = ResponseOf<'relay'>

const OPEN_TRANSCRIPTS = 3

/** Everything the screens stand on, made once. */
export function createAppState() {
  const [ready, setReady] = createSignal(false)
  const [pairing, setPairing] = createSignal<Pairing>()
  const [relay, setRelay] = createSignal<RelayFacts>()
  const [hasSnapshot, setHasSnapshot] = createSignal(false)
  const [places, setPlaces] = createSignal<readonly Place[]>([])
  const sessions = createSessionStore()
  const seen = createSeen()
  const transcripts = new Map<string, TranscriptStore>()
  let client: RelayClient | undefined
  let cursor: Cursor | undefined
  let snapshotTimer: ReturnType<typeof setTimeout> | undefined

  const theClient = () => {
    if (!client) throw new TypeError('No relay client before pairing.')
    return client
  }

  const apply = (batch: FrameBatch) => {
    sessions.apply(batch)
    for (const transcript of transcripts.values()) {
      const own = batch.events.filter((event) => event.sessionId === transcript.sessionId)
      if (own.length > 0) transcript.apply(own, true)
    }
    outbox.apply(batch.events)
    answers.apply(batch.events)
    if (batch.cursor) cursor = batch.cursor as Cursor
    if (batch.events.length > 0) keepSnapshotSoon()
  }

  const frames = batchFrames(apply)
  const link = createRelayLink({
    onFrame: frames.take,
    onLive: frames.flush,
    async onReset() {
      const snapshot = await theClient().call('sessions', null)
      sessions.replace(snapshot.sessions)
      setHasSnapshot(true)
      cursor = snapshot.cursor
      keepSnapshotSoon()
      for (const transcript of transcripts.values()) void transcript.refresh().catch(() => {})
      return snapshot.cursor
    },
  })
  const current = () => isCurrent(link.connection())
  const outbox = createOutbox({ client: theClient, relayNowMs: link.relayNowMs, live: current })
  const answers = createAnswers({ client: theClient, relayNowMs: link.relayNowMs })

  const keepSnapshot = () => {
    clearTimeout(snapshotTimer)
    snapshotTimer = undefined
    if (!cursor || !pairing()) return
    const snapshot: Snapshot = {
      sessions: [...sessions.sessions().values()],
      cursor,
      heardMs: link.heardMs(),
    }
    void keep('snapshot', snapshot)
  }
  const keepSnapshotSoon = () => {
    snapshotTimer ??= setTimeout(keepSnapshot, 2_000)
  }
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'hidden' && keepSnapshot(),
  )

  const askRelay = async () => {
    try {
      const facts = await theClient().call('relay', null)
      setRelay(facts)
      const known = pairing()
      if (known) {
        const { name, scopes } = facts.device
        updatePairing({ ...known, name, scopes, machine: facts.machine })
      }
    } catch {
      // What is known from pairing stands until the relay answers.
    }
  }

  const may = (scope: Scope) => pairing()?.scopes.includes(scope) ?? false

  /** Asks where sessions can be started; what was known stands until the relay answers. */
  const askPlaces = async () => {
    if (!may('drive')) return
    const offered = (await theClient().call('places', null)).places
    // How much a session asks is for those to say who may answer it. [CM-2]
    const mayAnswer = may('answer')
    setPlaces(mayAnswer ? offered : offered.map(withoutModes))
  }

  const updatePairing = (next: Pairing) => {
    setPairing(next)
    if (next.kept) void keep('pairing', next)
  }

  const connect = async (key: DeviceKey) => {
    client = createRelayClient({ origin: location.origin, key })
    const snapshot = await recall<Snapshot>('snapshot')
    if (snapshot) {
      sessions.replace(snapshot.sessions)
      setHasSnapshot(true)
      cursor = snapshot.cursor
    }
    await outbox.load()
    link.start(client, snapshot?.cursor, snapshot?.heardMs)
  }

  createEffect(
    on(current, (isLive, before) => {
      if (isLive) {
        outbox.flush()
        void askRelay()
        void askPlaces().catch(() => {})
        for (const transcript of transcripts.values())
          if (transcript.state() !== 'ready') void transcript.refresh().catch(() => {})
      } else if (before) sessions.hush()
    }),
  )

  return {
    ready,
    pairing,
    relay,
    hasSnapshot,
    sessions,
    seen,
    outbox,
    answers,
    connection: link.connection,
    current,
    heardMs: link.heardMs,
    poke: link.poke,
    relayNowMs: link.relayNowMs,
    client: theClient,
    askRelay,
    machine: () => relay()?.machine ?? pairing()?.machine ?? 'the relay',
    may,
    places,
    askPlaces,

    /** Opens from what is kept on the phone; the relay comes after. */
    async start() {
      const known = await recall<Pairing>('pairing')
      const key = known && (await loadDeviceKey())
      if (known && key) {
        setPairing(known)
        await connect(key)
      }
      setReady(true)
    },

    /** Takes over a pairing that has just been made. */
    async paired(next: Pairing, key: DeviceKey) {
      updatePairing(next)
      seen.baseline(next.pairedAt)
      await connect(key)
    },

    /**
     * The transcript of a session, read once and then followed; the ones not looked at for longest are let go. What
     * makes one comes with the screen that needs it, because the list is there before.
     */
    transcript(sessionId: string, create: typeof createTranscript): TranscriptStore {
      const open = transcripts.get(sessionId)
      if (open) {
        transcripts.delete(sessionId)
        transcripts.set(sessionId, open)
        return open
      }
      const transcript = create(sessionId as SessionId, {
        client: theClient,
        onSession: sessions.put,
        onEvents: outbox.apply,
      })
      transcripts.set(sessionId, transcript)
      for (const old of transcripts.keys()) {
        if (transcripts.size <= OPEN_TRANSCRIPTS) break
        transcripts.delete(old)
      }
      void transcript.loadKept().then(() => transcript.refresh().catch(() => {}))
      return transcript
    },

    rename: (name: string) => {
      const known = pairing()
      if (known) updatePairing({ ...known, name })
    },

    /** Erases what is kept on the phone; what is on the screen stays until `forget`. */
    async erase(): Promise<void> {
      clearTimeout(snapshotTimer)
      cursor = undefined
      forgetSettings()
      await eraseAll().catch(() => {})
    },

    /** Goes back to the state of a phone that was never paired. */
    async forget(): Promise<void> {
      link.stop()
      await this.erase()
      transcripts.clear()
      outbox.clear()
      sessions.replace([])
      client = undefined
      setPairing(undefined)
      setRelay(undefined)
      setHasSnapshot(false)
      setPlaces([])
    },
  }
}

export type AppState = ReturnType<typeof createAppState>

const AppContext = createContext<AppState>()
export const AppProvider = AppContext.Provider

/** The app's state; only inside the app. */
export function useApp(): AppState {
  const app = useContext(AppContext)
  if (!app) throw new TypeError('useApp outside of the app')
  return app
}

const withoutModes = (place: Place): Place => {
  const { permissionModes: _, ...choices } = place.choices
  return { ...place, choices }
}
