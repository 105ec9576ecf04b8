import {
  fromBase64Url,
  type PushLevel,
  type PushState,
  type PushSubscriptionRecord,
} from '@bellhop/core'
import { isAppleTab } from '../platform/install.ts'
import type { AppState } from '../state/app-state.ts'
import { pushWanted, setPushWanted } from '../state/settings.ts'

/** Why pushes cannot be had here and now; undefined when they can. */
export type PushHindrance = 'home-screen-first' | 'not-secure' | 'not-supported' | 'blocked'

export function pushHindrance(): PushHindrance | undefined {
  if (!isSecureContext) return 'not-secure'
  if (isAppleTab()) return 'home-screen-first'
  if (
    !('serviceWorker' in navigator) ||
    !('PushManager' in globalThis) ||
    !('Notification' in globalThis)
  )
    return 'not-supported'
  return Notification.permission === 'denied' ? 'blocked' : undefined
}

/** Asks for leave, subscribes and tells the relay. Must come from a tap. Throws what the browser or the relay says. */
export async function subscribe(app: AppState): Promise<PushState | 'denied'> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied'
  const state = await app.client().call('pushState', null)
  const subscription = await subscriptionFor(state.publicKey)
  setPushWanted(true)
  return tell(app, subscription)
}

/** Switches pushes off at both ends. */
export async function unsubscribe(app: AppState): Promise<PushState> {
  setPushWanted(false)
  const registration = await navigator.serviceWorker.getRegistration()
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
  return app.client().call('pushSubscribe', { subscription: null })
}

/** Browsers drop subscriptions without a word, so each time the app is open the relay hears the present one. */
export async function resubscribe(app: AppState): Promise<void> {
  if (!pushWanted() || pushHindrance() || Notification.permission !== 'granted') return
  try {
    const state = await app.client().call('pushState', null)
    await tell(app, await subscriptionFor(state.publicKey))
  } catch {
    // Settings say how pushes stand; the next time the app opens tries again.
  }
}

export const setLevel = (app: AppState, level: PushLevel): Promise<PushState> =>
  currentSubscription().then((subscription) =>
    app
      .client()
      .call('pushSubscribe', { subscription: subscription ? record(subscription) : null, level }),
  )

async function subscriptionFor(publicKey: string): Promise<PushSubscription> {
  const registration = await navigator.serviceWorker.ready
  const wanted = fromBase64Url(publicKey)
  const known = await registration.pushManager.getSubscription()
  if (known && sameBytes(known.options.applicationServerKey, wanted)) return known
  await known?.unsubscribe()
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted })
}

async function currentSubscription(): Promise<PushSubscription | undefined> {
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration?.pushManager.getSubscription()) ?? undefined
}

const tell = (app: AppState, subscription: PushSubscription): Promise<PushState> =>
  app.client().call('pushSubscribe', { subscription: record(subscription) })

const record = (subscription: PushSubscription) => {
  const { endpoint, keys, expirationTime } = subscription.toJSON()
  return { endpoint, keys, expirationTime: expirationTime ?? null } as PushSubscriptionRecord
}

function sameBytes(a: ArrayBuffer | null, b: Uint8Array): boolean {
  const left = a ? new Uint8Array(a) : undefined
  return left?.length === b.length && left.every((byte, at) => byte === b[at])
}
