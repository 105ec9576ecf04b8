import { createSignal } from 'solid-js'
import type { Workbox } from 'workbox-window'
import { drop, type PendingNavigation, recall } from './database.ts'
import { followAddress } from './router.ts'

const PENDING_LIFE_MS = 60_000
const LOOK_FOR_UPDATE_MS = 60 * 60_000

const [updateReady, setUpdateReady] = createSignal(false)

/** Whether a newer version of the app has been fetched and waits. */
export { updateReady }

let workbox: Workbox | undefined

type TrustedTypes = {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string
  }
}

/** Registers the service worker and follows the taps on notifications it reports. */
export function startServiceWorker(): void {
  if (!('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('message', (event) => {
    if (event.data?.type === 'navigate') followPending(String(event.data.address))
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void followLeftBehind()
  })
  if (!import.meta.env.PROD) return
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('sw', { createScriptURL: (url) => url })
  void register(policy?.createScriptURL('/sw.js') ?? '/sw.js').catch(() => {})
}

/** The worker is of no use to the first drawing, so its registration comes after it. */
async function register(address: string): Promise<void> {
  const { Workbox } = await import('workbox-window')
  workbox = new Workbox(address)
  workbox.addEventListener('waiting', () => setUpdateReady(true))
  await workbox.register()
  // An installed app is brought back far more often than it is opened, and only opening looks by itself.
  let lookedMs = Date.now()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() - lookedMs < LOOK_FOR_UPDATE_MS) return
    lookedMs = Date.now()
    void workbox?.update().catch(() => {})
  })
}

/** Changes to the waiting version, which starts the app anew. */
export function useUpdate(): void {
  workbox?.addEventListener('controlling', () => location.reload())
  workbox?.messageSkipWaiting()
}

/** Follows an address that a tap left behind while the app was not running. */
export async function followLeftBehind(): Promise<void> {
  const pending = await recall<PendingNavigation>('pending-navigation')
  if (pending && Date.now() - pending.atMs < PENDING_LIFE_MS) followPending(pending.address)
  else if (pending) await drop('pending-navigation')
}

function followPending(address: string): void {
  void drop('pending-navigation')
  followAddress(address)
}
