/** A place in a session that was found, and the session it was said in, which may be joined to the one shown. */
export type FoundPlace = { eventId: string; sessionId: string; atMs: number }

/** Where in the app one is. Everything stands in the fragment, which no server sees. */
export type Route =
  | { at: 'sessions' }
  | { at: 'session'; sessionId: string; permissionId?: string; found?: FoundPlace }
  | { at: 'search'; sessionId?: string }
  | { at: 'start' }
  | { at: 'settings' }
  | { at: 'sources' }
  | { at: 'notifications' }
  | { at: 'devices' }
  | { at: 'done' }
  | { at: 'pair' }
  | { at: 'pair-scan' }
  | { at: 'pair-code' }
  | { at: 'pair-link' }

const PLACES: Record<string, Route> = {
  start: { at: 'start' },
  settings: { at: 'settings' },
  'settings/sources': { at: 'sources' },
  'settings/notifications': { at: 'notifications' },
  'settings/devices': { at: 'devices' },
  'settings/done': { at: 'done' },
  pair: { at: 'pair' },
  'pair/scan': { at: 'pair-scan' },
  'pair/code': { at: 'pair-code' },
}

/** Reads a fragment; anything not known is the list of sessions. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#?\/?/, '').replace(/[?].*$/, '')
  const place = PLACES[path]
  if (place) return place
  if (path.startsWith('p/')) return { at: 'pair-link' }
  const [kind, sessionId, permissionId, foundIn, atMs] = path.split('/')
  if (kind === 'search') return { at: 'search', ...(sessionId && { sessionId }) }
  if (kind === 's' && sessionId && permissionId === 'found' && foundIn) {
    const [eventId = '', saidIn = sessionId] = foundIn.split('.')
    return { at: 'session', sessionId, found: { eventId, sessionId: saidIn, atMs: Number(atMs) } }
  }
  if (kind === 's' && sessionId) {
    return { at: 'session', sessionId, ...(permissionId && { permissionId }) }
  }
  return { at: 'sessions' }
}

export const sessionPath = (sessionId: string, permissionId?: string): string =>
  `#/s/${sessionId}${permissionId ? `/${permissionId}` : ''}`

export const searchPath = (sessionId?: string): string =>
  sessionId === undefined ? '#/search' : `#/search/${sessionId}`

export const foundPath = (shownIn: string, place: FoundPlace): string =>
  `#/s/${shownIn}/found/${place.eventId}.${place.sessionId}/${place.atMs}`
