import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { database } from '../platform/database.ts'
import { addressOf, readPush } from './read-push.ts'

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: { url: string; revision: string | null }[]
}

precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    denylist: [/^\/v1\//, /^\/healthz/],
  }),
)

// The page asks for this once the person agreed to the new version.
self.addEventListener('message', (event) => {
  if (event.data?.type === 'SKIP_WAITING') void self.skipWaiting()
})

// A browser takes back the right to push from a worker that shows nothing, so even an unreadable push shows something.
self.addEventListener('push', (event) => {
  const shown = readPush(event.data?.text() ?? '')
  event.waitUntil(
    Promise.all([
      self.registration.showNotification(shown.title, shown.options),
      badge(shown.badge),
    ]),
  )
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(addressOf(event.notification.data, event.action, self.location.origin)))
})

async function badge(count: number | undefined): Promise<void> {
  if (count === undefined || !('setAppBadge' in navigator)) return
  await (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {})
}

/** Brings the app to an address. It is also written down, for a system that starts the app at its first page instead. */
async function open(address: string): Promise<void> {
  await database()
    .then((db) => db.put('kept', { address, atMs: Date.now() }, 'pending-navigation'))
    .catch(() => {})
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const client = windows.find((one) => one.visibilityState === 'visible') ?? windows[0]
  if (client) {
    client.postMessage({ type: 'navigate', address })
    await client.focus().catch(() => {})
  } else await self.clients.openWindow(address)
}
