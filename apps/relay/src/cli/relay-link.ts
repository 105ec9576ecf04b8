import { type RelayClient, RelayUnreachable } from '@bellhop/core/client'
import type { Config } from '../config/config.ts'
import { connect } from './connect.ts'

/**
 * A client that finds the relay again when it comes back, be it under another port. Throws
 * `relay_not_running` when none runs to begin with.
 */
export const openRelayLink = async (config: Pick<Config, 'dataDir'>): Promise<RelayClient> => {
  let { client } = await connect(config)
  let isLost = false

  const found = async (): Promise<RelayClient> => {
    if (!isLost) return client
    try {
      client = (await connect(config)).client
    } catch (cause) {
      throw new RelayUnreachable(cause)
    }
    isLost = false
    return client
  }
  const through = async <Answer>(call: (client: RelayClient) => Promise<Answer>) => {
    try {
      return await call(await found())
    } catch (error) {
      // A refusal is a relay that answers; anything else may be another program on its old port.
      if (error instanceof RelayUnreachable) isLost = true
      throw error
    }
  }
  return {
    get origin() {
      return client.origin
    },
    key: client.key,
    call: (name, request, options) => through((one) => one.call(name, request, options)),
    stream: (request, signal) => through((one) => one.stream(request, signal)),
  }
}
