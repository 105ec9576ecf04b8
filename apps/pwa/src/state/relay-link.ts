import type { Cursor, StreamFrame } from '@bellhop/core'
import {
  type EventStream,
  openEventStream,
  type RelayClient,
  type StreamState,
} from '@bellhop/core/client'
import { createMemo, createSignal } from 'solid-js'
import { now } from '../platform/now.ts'
import { type Connection, connectionAt } from '../relay/connection.ts'
import { heldBack, setHeldBack } from './settings.ts'

/**
 * The line to the relay: one stream, what it looks like from here, and the relay's clock. Coming back to the screen,
 * or to a network, always connects anew, because a phone freezes a page without telling it.
 */
export function createRelayLink(deps: {
  onFrame: (frame: StreamFrame) => void
  /** The line has caught up: what came by it has to be known before anything is called true now. */
  onLive: () => void
  onReset: () => Promise<Cursor>
}) {
  const [paired, setPaired] = createSignal(false)
  const [stream, setStream] = createSignal<StreamState>({ state: 'connecting' })
  const [changedMs, setChangedMs] = createSignal(Date.now())
  const [heardMs, setHeardMs] = createSignal<number | undefined>()
  const [wasLive, setWasLive] = createSignal(false)
  const [online, setOnline] = createSignal(navigator.onLine)
  let clockAheadMs = 0
  let open: { stream: EventStream; control: AbortController } | undefined
  let pokedMs = 0

  const onState = (next: StreamState) => {
    const before = stream().state
    if (next.state === 'live') deps.onLive()
    if ((before === 'live') !== (next.state === 'live')) setChangedMs(Date.now())
    if (next.state === 'live') setWasLive(true)
    setStream(next)
  }

  const look = (): Connection =>
    connectionAt(
      {
        paired: paired(),
        stream: stream(),
        changedMs: changedMs(),
        heardMs: heardMs(),
        wasLive: wasLive(),
        online: online(),
      },
      now(),
    )
  const connection = createMemo(look, look(), { equals: sameConnection })

  const poke = () => {
    if (!open || Date.now() - pokedMs < 1_000) return
    pokedMs = Date.now()
    open.stream.poke()
  }
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && poke(),
  )
  addEventListener('pageshow', (event) => event.persisted && poke())
  addEventListener('online', () => {
    setOnline(true)
    poke()
  })
  addEventListener('offline', () => setOnline(false))

  return {
    connection,
    heardMs,
    /** Connects at once instead of at the next try. */
    poke,
    /** The relay's clock, which is the one that decides whether something came too late. */
    relayNowMs: () => Date.now() + clockAheadMs,
    start(client: RelayClient, after: Cursor | undefined, lastHeardMs: number | undefined) {
      const control = new AbortController()
      setPaired(true)
      setWasLive(false)
      setChangedMs(Date.now())
      setHeardMs(lastHeardMs)
      setStream({ state: 'connecting' })
      const events = openEventStream({
        client,
        ...(after && { after }),
        poll: heldBack(),
        onHeldBack: setHeldBack,
        onWord: setHeardMs,
        onState,
        onReset: deps.onReset,
        signal: control.signal,
        onFrame: (frame) => {
          if (frame.frame === 'hello' || frame.frame === 'tick')
            clockAheadMs = new Date(frame.now).getTime() - Date.now()
          deps.onFrame(frame)
        },
      })
      open = { stream: events, control }
    },
    stop() {
      open?.control.abort()
      open = undefined
      setPaired(false)
    },
  }
}

const sameConnection = (a: Connection, b: Connection) => JSON.stringify(a) === JSON.stringify(b)
