import type { CloudRow, Fields } from '../cloud-api.ts'

const CONNECTIONS: ReadonlySet<unknown> = new Set(['connected', 'connecting', 'disconnected'])
const WORKERS: ReadonlySet<unknown> = new Set(['idle', 'running', 'requires_action'])

/** The row with what a stream says of it. */
export const patchRow = (row: CloudRow, fields: Fields): CloudRow => {
  const { connection_status: connection, worker_status: worker, title } = fields
  return {
    ...row,
    ...(CONNECTIONS.has(connection) && { connection: connection as CloudRow['connection'] }),
    ...(WORKERS.has(worker) && { worker: worker as CloudRow['worker'] }),
    ...(typeof title === 'string' && title !== '' && { title: title.slice(0, 500) }),
  }
}
