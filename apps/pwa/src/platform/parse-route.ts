/** Where in the app one is. Everything stands in the fragment, which no server sees. */
export type Route =
  | { at: 'sessions' }
  | { at: 'session'; sessionId: string; permissionId?: string }
  | { at: 'start' }
  | { at: 'settings' }
  | { at: 'sources' }
  | { at: 'notifications' }
  | { at: 'devices' }
  | { at: 'pair' }
  | { at: 'pair-scan' }
  | { at: 'pair-code' }
  | { at: 'pair-link' }
  | { at: 'done' }

const PLACES: Record<string, Route> = {
  start: { at: 'start' },
  settings: { at: 'settings' },
  'settings/sources': { at: 'sources' },
  'settings/notifications': { at: 'notifications' },
  'settings/devices': { at: 'devices' },
  pair: { at: 'pair' },
  'pair/scan': { at: 'pair-scan' },
  'pair/code': { at: 'pair-code' },
}
  'settings/done': { at: 'done' },

/** Reads a fragment; anything not known is the list of sessions. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#?\/?/, '').replace(/[?].*$/, '')
  const place = PLACES[path]
  if (place) return place
  if (path.startsWith('p/')) return { at: 'pair-link' }
  const [kind, sessionId, permissionId] = path.split('/')
  if (kind === 's' && sessionId) {
    return { at: 'session', sessionId, ...(permissionId && { permissionId }) }
  }
  return { at: 'sessions' }
}

export const sessionPath = (sessionId: string, permissionId?: string): string =>
  `#/s/${sessionId}${permissionId ? `/${permissionId}` : ''}`
