import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server'
import type { ResourceUpdates } from './resource-updates.ts'

type Request = {
  id?: unknown
  method?: unknown
  params?: { [field: string]: unknown } | undefined
}

/** The resources a client wants to be told of; the library keeps them, and tells nobody. */
const listenedIn = ({ params }: Request): string[] => {
  const { resourceSubscriptions } = Object(params?.notifications) as {
    resourceSubscriptions?: unknown
  }
  return Array.isArray(resourceSubscriptions) ? resourceSubscriptions : []
}

/**
 * Watches the resources as long as a client of 2026-07-28 listens on this transport. What changed
 * before the line to the relay was open is made up for by telling of all it listens to. [MC-11]
 */
export const watchWhileListened = (
  transport: Transport,
  updates: ResourceUpdates,
  tell: (uri: string) => void,
): void => {
  const listening = new Set<unknown>()
  let watching: Promise<Disposable> | undefined

  const look = (message: Request) => {
    if (message.method === 'subscriptions/listen') {
      listening.add(message.id)
      watching ??= updates.watch(tell)
      void watching.then(() => {
        if (listening.has(message.id)) for (const uri of listenedIn(message)) tell(uri)
      })
    }
    if (message.method !== 'notifications/cancelled') return
    if (!listening.delete(message.params?.requestId) || listening.size > 0) return
    void watching?.then((one) => one[Symbol.dispose]())
    watching = undefined
  }

  const { onmessage } = transport
  transport.onmessage = (message: JSONRPCMessage, extra) => {
    look(message)
    onmessage?.(message, extra)
  }
}
