import { createSignal } from 'solid-js'

const [now, setNow] = createSignal(Date.now())

/** The present, moving once a second while the page is visible. */
export { now }

setInterval(() => {
  if (document.visibilityState === 'visible') setNow(Date.now())
}, 1000)
document.addEventListener('visibilitychange', () => setNow(Date.now()))
