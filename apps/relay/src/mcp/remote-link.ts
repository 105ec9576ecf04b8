import { RelayError } from '@bellhop/core'
import {
  createRelayClient,
  type DeviceKey,
  isRefusal,
  openEventStream,
  type RelayClient,
  RelayGarbled,
  RelayUnreachable,
} from '@bellhop/core/client'
import { findRunningRelay } from '../config/runtime-file.ts'
import type { RelayLink } from './relay-link.ts'

/** How long a relay that is there and busy may take to say so. */
const BUSY_MS = 10_000

const isAway = (error: unknown) =>
  error instanceof RelayUnreachable || (error instanceof RelayGarbled && !isRefusal(error))

/** The relay of a data folder, over HTTP, wherever it answers now. [MC-2] [MC-3] */
export const createRemoteLink = (dataDir: string, key: DeviceKey): RelayLink => {
  let current: { client: RelayClient; instanceId: string } | undefined
  let finding: Promise<RelayClient> | undefined

  const look = async (): Promise<RelayClient> => {
    const running = await findRunningRelay(dataDir, BUSY_MS)
    if (!running) throw new RelayError('relay_not_running')
    const { url, instanceId } = running
    if (current?.client.origin !== url || current.instanceId !== instanceId) {
      current = { client: createRelayClient({ origin: url, key }), instanceId }
    }
    return current.client
  }

  /** A client for the relay that runs now, looked for once for all who ask. Throws `relay_not_running`. */
  const find = (): Promise<RelayClient> => {
    finding ??= look().finally(() => {
      finding = undefined
    })
    return finding
  }

  return {
    // Looks for the relay anew, once, when it is not where it was.
    call: async (name, request, signal) => {
      const options = signal ? { signal } : {}
      const known = current?.client
      if (known) {
        try {
          return await known.call(name, request, options)
        } catch (error) {
          if (signal?.aborted || !isAway(error)) throw error
        }
      }
      return (await find()).call(name, request, options)
    },

    follow: async (following) => {
      const client = await find().catch(() => undefined)
      if (!client) return {}
      let { after } = following
      const lost = new AbortController()
      let refused: string | undefined
      const stream = openEventStream({
        client,
        ...(after !== undefined && { after }),
        signal: AbortSignal.any([following.signal, lost.signal]),
        onFrame: (frame) => {
          if (frame.frame === 'caught_up') {
            after = frame.cursor
            following.onLive(frame.cursor)
          }
          if (frame.frame !== 'event') return
          after = frame.event.cursor
          following.onEvent(frame.event)
        },
        onState: (state) => {
          if (state.state === 'refused') refused = state.code
          // It may answer elsewhere when it is back, so it is looked for anew.
          if (state.state === 'lost') lost.abort()
        },
        onReset: async () => {
          const isAnotherLog = after !== undefined
          const snapshot = await client.call('sessions', null, { signal: following.signal })
          if (isAnotherLog) following.onReset()
          after = snapshot.cursor
          return snapshot.cursor
        },
      })
      await stream.ended
      return refused === undefined ? {} : { refused }
    },
  }
}
