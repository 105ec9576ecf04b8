const LOOPBACK_PEER = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/

/** IPv6 callers own a whole /64, so they are counted by it. */
const networkOf = (address: string): string => {
  const plain = address.replace(/^::ffff:/, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length
  const full = [...groups, ...Array<string>(Math.max(0, missing)).fill('0')]
  return `${full.slice(0, 4).join(':')}/64`
}

/**
 * Where a call comes from, to count calls by. What a header says is believed only when the peer is a
 * proxy on this machine, and then only the entry that proxy added itself, the last one.
 */
export const clientAddress = (peer: string | undefined, headers: Headers): string => {
  if (peer === undefined) return 'unknown'
  if (!LOOPBACK_PEER.test(peer)) return networkOf(peer)
  const forwarded = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim()
  const named = forwarded || headers.get('cf-connecting-ip')?.trim()
  return named && /^[0-9a-fA-F.:]{2,45}$/.test(named) ? networkOf(named) : networkOf(peer)
}
