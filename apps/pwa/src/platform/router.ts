import { createSignal } from 'solid-js'
import { parseRoute, type Route } from './parse-route.ts'

const [route, setRoute] = createSignal<Route>(parseRoute(location.hash))

export { route }

addEventListener('hashchange', () => setRoute(parseRoute(location.hash)))

/** Goes to a fragment of the app; `replace` leaves no step to come back to. */
export function go(path: string, replace = false): void {
  if (replace) history.replaceState(null, '', path)
  else if (location.hash !== path) history.pushState(null, '', path)
  setRoute(parseRoute(path))
}

/** Follows a full address that leads into this app, as a notification carries it; ignores any other. */
export function followAddress(address: string): void {
  const url = URL.canParse(address, location.href) ? new URL(address, location.href) : undefined
  if (url && url.origin === location.origin && url.hash) go(url.hash)
}
