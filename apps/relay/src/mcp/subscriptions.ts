import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server'
import type { ResourceUpdates } from './resource-updates.ts'
import { isOurUri } from './session-uris.ts'

/** Resources one client may be told of at once. [I6] */
const SUBSCRIBED_MAX = 200

/** Lets a client of a protocol before 2026-07-28 subscribe to resources one by one. [MC-11] */
export const takeSubscriptions = (server: McpServer, updates: ResourceUpdates): void => {
  const subscribed = new Set<string>()
  let watching: Promise<Disposable> | undefined

  const tell = (uri: string) => {
    if (subscribed.has(uri)) void server.server.sendResourceUpdated({ uri }).catch(() => {})
  }
  const stop = () => {
    subscribed.clear()
    void watching?.then((one) => one[Symbol.dispose]())
    watching = undefined
  }

  server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    if (!isOurUri(uri)) throw new ResourceNotFoundError(uri)
    if (!subscribed.has(uri) && subscribed.size >= SUBSCRIBED_MAX) {
      const why = 'These are too many subscriptions.'
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, why, { uri })
    }
    subscribed.add(uri)
    watching ??= updates.watch(tell)
    await watching
    return {}
  })
  server.server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    subscribed.delete(uri)
    if (subscribed.size === 0) stop()
    return {}
  })
  server.server.onclose = stop
}
