const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/
/** What a person types who tries the machine’s own address: a bare IP, or a name of the local network. */
const LAN_HOST = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\]|[a-z0-9-]+\.local)(:\d{1,5})?$/

/** The names this relay answers to, and the origins its own pages come from. */
export type Origins = {
  /** `unknown` hosts are refused; `lan` ones are too, with a page that says what to do. [HT-1] */
  hostKind(host: string): 'known' | 'lan' | 'unknown'
  /** The origins a call that came in under this host may have been made from and signed for. */
  of(host: string): readonly string[]
  /** Whether the host is reached by https. */
  isHttps(host: string): boolean
}

/**
 * Knows loopback by itself and is told the public origins. A call may carry a loopback host and a
 * public origin: proxies on this machine may rewrite the one but never the other.
 */
export const createOrigins = (publicOrigins: () => readonly string[]): Origins => {
  const publicOf = (host: string) => {
    const plain = host.toLowerCase().replace(/:443$/, '')
    return publicOrigins().find((origin) => new URL(origin).host === plain)
  }
  const isLoopback = (host: string) => LOOPBACK_HOST.test(host.toLowerCase())
  return {
    hostKind: (host) => {
      if (isLoopback(host) || publicOf(host) !== undefined) return 'known'
      return LAN_HOST.test(host.toLowerCase()) ? 'lan' : 'unknown'
    },
    of: (host) =>
      isLoopback(host) ? [...publicOrigins(), `http://${host.toLowerCase()}`] : publicOrigins(),
    isHttps: (host) => publicOf(host)?.startsWith('https:') ?? false,
  }
}
