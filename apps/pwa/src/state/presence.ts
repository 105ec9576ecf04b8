import type { SessionId } from '@bellhop/core'
import { createEffect, createSignal, onCleanup } from 'solid-js'
import { route } from '../platform/router.ts'
import type { AppState } from './app-state.ts'

const SETTLE_MS = 400
const REPEAT_MS = 25_000

/**
 * Tells the relay what this phone shows and up to which event, so that it need not ring for what is being looked at.
 * Said again while it stays true; without a repeat the relay stops believing it.
 */
export function watchPresence(app: AppState): void {
  const [visible, setVisible] = createSignal(document.visibilityState === 'visible')
  document.addEventListener('visibilitychange', () =>
    setVisible(document.visibilityState === 'visible'),
  )
  let settle: ReturnType<typeof setTimeout> | undefined
  let repeat: ReturnType<typeof setInterval> | undefined

  createEffect(() => {
    const place = route()
    const sessionId = place.at === 'session' ? (place.sessionId as SessionId) : null
    const session = sessionId && app.sessions.get(sessionId)
    const state = {
      visible: visible(),
      sessionId: session ? sessionId : null,
      shown: session ? session.cursor : null,
    }
    clearTimeout(settle)
    clearInterval(repeat)
    if (!app.pairing() || !app.current()) return
    const tell = () =>
      void app
        .client()
        .call('presence', state)
        .catch(() => {})
    if (!state.visible) return tell()
    settle = setTimeout(tell, SETTLE_MS)
    repeat = setInterval(tell, REPEAT_MS)
  })
  onCleanup(() => {
    clearTimeout(settle)
    clearInterval(repeat)
  })
}
