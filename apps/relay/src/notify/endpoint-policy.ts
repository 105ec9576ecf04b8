import { RelayError } from '@bellhop/core'

/** The push services of the browsers. A leading dot stands for any name below it. */
const PUSH_HOSTS = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '.push.apple.com',
  '.push.services.mozilla.com',
  '.notify.windows.com',
] as const

/** Where a push may go; the address comes from a client, and must not turn the relay on others. */
export interface EndpointPolicy {
  /** The address as it is to be called, or throws `push_endpoint_refused`. [PU-6] */
  check(endpoint: string): URL
}

/**
 * Lets through the known push services over https. `extraHosts` (`host` or `host:port`) are let
 * through besides; of these, one on loopback may speak plain http.
 */
export const createEndpointPolicy = (
  options: { extraHosts?: readonly string[] } = {},
): EndpointPolicy => {
  const extra = new Set(options.extraHosts)
  return {
    check: (endpoint) => {
      const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
      if (url === undefined || !(isPushService(url) || isExtra(url, extra))) {
        throw new RelayError('push_endpoint_refused', { host: url?.host ?? '' })
      }
      return url
    },
  }
}

const isPushService = (url: URL): boolean =>
  url.protocol === 'https:' && isBare(url) && url.port === '' && isKnownHost(url.hostname)

const isKnownHost = (hostname: string): boolean =>
  PUSH_HOSTS.some((host) => (host.startsWith('.') ? hostname.endsWith(host) : hostname === host))

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

const isExtra = (url: URL, extra: ReadonlySet<string>): boolean =>
  extra.has(url.host) &&
  isBare(url) &&
  (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname)))

const isBare = (url: URL): boolean => url.username === '' && url.password === ''
