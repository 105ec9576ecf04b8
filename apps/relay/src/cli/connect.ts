import { RelayError } from '@bellhop/core'
import { createRelayClient, type RelayClient } from '@bellhop/core/client'
import type { Config } from '../config/config.ts'
import { type FoundRelay, findRunningRelay } from '../config/runtime-file.ts'
import { readLocalKey } from '../devices/local-device.ts'

/** The relay that runs on the data folder, and a client for it. Throws `relay_not_running`. */
export const connect = async ({
  dataDir,
}: Pick<Config, 'dataDir'>): Promise<{ client: RelayClient; running: FoundRelay }> => {
  const running = await findRunningRelay(dataDir)
  if (!running) throw new RelayError('relay_not_running')
  const { nonce } = running
  const key = await readLocalKey(dataDir)
  if (!key) throw new RelayError('relay_not_running')
  return {
    client: createRelayClient({ origin: running.url, key, ...(nonce !== undefined && { nonce }) }),
    running,
  }
}
