import { type EndpointName, RelayError, type RequestOf, type ResponseOf } from '@bellhop/core'
import {
  createRelayClient,
  type DeviceKey,
  isRefusal,
  type RelayClient,
  RelayGarbled,
  RelayUnreachable,
} from '@bellhop/core/client'
import { findRunningRelay } from '../config/runtime-file.ts'

/** The relay of a data folder, wherever it answers now. */
export type RelayLink = {
  /** A client for the relay that runs now. Throws `relay_not_running`. */
  find(): Promise<RelayClient>
  /** Calls it; looks for it anew, once, when it is not where it was. [MC-3] */
  call<Name extends EndpointName>(
    name: Name,
    request: RequestOf<Name>,
    signal?: AbortSignal,
  ): Promise<ResponseOf<Name>>
}

const isAway = (error: unknown) =>
  error instanceof RelayUnreachable || (error instanceof RelayGarbled && !isRefusal(error))

export const createRelayLink = (dataDir: string, key: DeviceKey): RelayLink => {
  let current: { client: RelayClient; instanceId: string } | undefined

  const find = async (): Promise<RelayClient> => {
    const running = await findRunningRelay(dataDir)
    if (!running) throw new RelayError('relay_not_running')
    const { url, instanceId } = running
    if (current?.client.origin !== url || current.instanceId !== instanceId) {
      current = { client: createRelayClient({ origin: url, key }), instanceId }
    }
    return current.client
  }

  return {
    find,
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
  }
}
