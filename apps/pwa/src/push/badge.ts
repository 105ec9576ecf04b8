import { createEffect } from 'solid-js'
import type { AppState } from '../state/app-state.ts'

/** Keeps the number on the app's icon at the number of sessions that wait. */
export function watchBadge(app: AppState): void {
  createEffect(() => {
    const waiting = app.sessions.shown().filter((one) => one.status === 'waiting')
    if (!app.current() || !('setAppBadge' in navigator)) return
    const done =
      waiting.length > 0 ? navigator.setAppBadge(waiting.length) : navigator.clearAppBadge()
    done.catch(() => {})
  })
}
