import { once } from 'node:events'
import { createServer } from 'node:net'
import { RelayError } from '@bellhop/core'
import type { Config } from '../config/config.ts'
import { refuseSecondRelay } from '../config/runtime-file.ts'
import { ensurePrivateFolder } from '../private-folder.ts'

/**
 * Finds what would keep a relay from starting before the person is asked anything. Throws
 * `data_folder_unusable`, `relay_already_running`, `port_taken` or `config_invalid`.
 */
export const preflight = async ({ dataDir, host, port }: Config): Promise<void> => {
  ensurePrivateFolder(dataDir)
  await refuseSecondRelay(dataDir)
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    if (isTaken) throw new RelayError('port_taken', { port }, cause)
    throw new RelayError('config_invalid', { host, port }, cause)
  }
  server.close()
  await once(server, 'close')
}
