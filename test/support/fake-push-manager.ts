import type { PushSubscriptionRecord } from '@bellhop/core'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { until } from './until.ts'

/**
 * Gives pages a push subscription at a service of ours: a browser without a network cannot subscribe
 * at its maker’s. Everything after that, the worker’s part included, is the browser’s own.
 */
export const fakePushManager = (
  context: BrowserContext,
  record: PushSubscriptionRecord,
): Promise<unknown> =>
  context.addInitScript((given) => {
    let subscription: unknown = null
    Object.defineProperties(PushManager.prototype, {
      subscribe: {
        value: async (options: { applicationServerKey: Uint8Array<ArrayBuffer> }) => {
          subscription = {
            endpoint: given.endpoint,
            options: { applicationServerKey: options.applicationServerKey.slice().buffer },
            toJSON: () => given,
            unsubscribe: async () => {
              subscription = null
              return true
            },
          }
          return subscription
        },
      },
      getSubscription: { value: async () => subscription },
    })
  }, record)

/** The browser’s end of a push: hands a message to the worker, and taps what it shows. */
export interface PushedBrowser {
  /** Delivers a decrypted message as the browser does. */
  deliver(body: string): Promise<void>
  /** The notifications that are shown now. */
  shown(): Promise<readonly { title: string; body: string; tag: string }[]>
  /** Taps the notification with the tag. */
  tap(tag: string): Promise<void>
}

export const pushedBrowser = async (page: Page): Promise<PushedBrowser> => {
  const session: CDPSession = await page.context().newCDPSession(page)
  const registrations = new Map<string, string>()
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: all }) => {
    for (const one of all) registrations.set(new URL(one.scopeURL).origin, one.registrationId)
  })
  await session.send('ServiceWorker.enable')
  const origin = new URL(page.url()).origin
  const registrationId = await until(() => registrations.get(origin), { what: 'a service worker' })
  const worker = () =>
    until(
      () =>
        page
          .context()
          .serviceWorkers()
          .find((one) => one.url().startsWith(origin)),
      {
        what: 'a running service worker',
      },
    )
  return {
    deliver: async (data) => {
      await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data })
    },
    shown: () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        const all = await registration.getNotifications()
        return all.map(({ title, body, tag }) => ({ title, body, tag }))
      }),
    tap: async (tag) => {
      await (await worker()).evaluate(async (wanted) => {
        // What a worker has and the test's own types do not.
        const scope = globalThis as unknown as EventTarget & {
          registration: ServiceWorkerRegistration
          NotificationEvent: new (type: string, init: object) => Event
        }
        const shown = await scope.registration.getNotifications()
        const notification = shown.find((one) => one.tag === wanted)
        if (!notification) throw new Error(`nothing shown with the tag ${wanted}`)
        scope.dispatchEvent(
          new scope.NotificationEvent('notificationclick', { notification, action: '' }),
        )
      }, tag)
    },
  }
}
