import { sha256, toBase64Url, utf8 } from './encoding.ts'
import { type AnyAsk, canonicalJson } from './permission.ts'

/**
 * The fingerprint of an ask exactly as it was shown. A phone sends it with its answer; the relay
 * applies the answer only to a permission whose ask has the same one. [PE-2] [I11]
 */
export const shownHash = async (ask: AnyAsk): Promise<string> =>
  toBase64Url(await sha256(utf8(canonicalJson(ask))))
