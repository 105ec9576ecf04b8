import { equalInConstantTime, hmacSha256, toBase64Url, utf8 } from '@bellhop/core'
import type { Clock } from '../clock.ts'

const NONCE_BUCKET_MS = 2 * 60_000
/** The longest a nonce is taken: its own bucket and the one after. */
export const NONCE_LIFE_MS = 2 * NONCE_BUCKET_MS

/** The relay's nonces: computed, never stored, so that none can be forgotten or run out. [AU-5] */
export type Nonces = {
  current(): Promise<string>
  isFresh(nonce: string): Promise<boolean>
}

export const createNonces = (secret: Uint8Array<ArrayBuffer>, clock: Clock): Nonces => {
  const recent = new Map<number, Promise<string>>()

  const ofBucket = (bucket: number): Promise<string> => {
    const known = recent.get(bucket)
    if (known) return known
    for (const old of recent.keys()) if (Math.abs(old - bucket) > 1) recent.delete(old)
    const made = hmacSha256(secret, utf8(`proof-nonce\n${bucket}`)).then((hash) =>
      toBase64Url(hash.slice(0, 16)),
    )
    recent.set(bucket, made)
    return made
  }

  const bucketNow = () => Math.floor(clock.nowMs() / NONCE_BUCKET_MS)

  return {
    current: () => ofBucket(bucketNow()),
    isFresh: async (nonce) => {
      const now = bucketNow()
      return (
        equalInConstantTime(nonce, await ofBucket(now)) ||
        equalInConstantTime(nonce, await ofBucket(now - 1))
      )
    },
  }
}
