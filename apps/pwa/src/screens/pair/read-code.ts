import { type PairingSecret, readPairingUrl, readTypedCode } from '@bellhop/core'

/** What is needed to ask to be let in. */
export type Claim = { readonly secret: PairingSecret; readonly relayKeyId: string }

/** `elsewhere`: a code of a relay at another address, which only the app from there can use. Neither: no code. */
export type ReadCode = { readonly claim?: Claim; readonly elsewhere?: string }

/** What a scanned, pasted or typed text means to the relay at `origin`. */
export function readCode(text: string, origin: string): ReadCode {
  const link = readPairingUrl(text)
  if (link && link.origin !== origin) return { elsewhere: text.trim() }
  if (link)
    return { claim: { secret: { kind: 'token', token: link.token }, relayKeyId: link.relayKeyId } }
  const code = readTypedCode(text)
  return code ? { claim: { secret: { kind: 'code', code }, relayKeyId: '' } } : {}
}
