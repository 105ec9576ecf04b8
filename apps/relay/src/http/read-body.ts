import { RelayError } from '@bellhop/core'

/** The most a call may carry. [HT-4] */
const BODY_LIMIT_BYTES = 256 * 1024

const tooLarge = () => new RelayError('body_too_large', { limitBytes: BODY_LIMIT_BYTES })

const readStream = async (request: Request): Promise<Uint8Array<ArrayBuffer>> => {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of request.body ?? []) {
    total += chunk.length
    if (total > BODY_LIMIT_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  const body = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

/** Reads a request’s body, never holding more than the limit of it. */
export const readBody = async (request: Request): Promise<Uint8Array<ArrayBuffer>> => {
  if (request.method === 'GET' || request.method === 'HEAD') return new Uint8Array()
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > BODY_LIMIT_BYTES) throw tooLarge()
  try {
    // With a length given the server itself reads no further than that.
    return length === null ? await readStream(request) : new Uint8Array(await request.arrayBuffer())
  } catch (cause) {
    if (cause instanceof RelayError) throw cause
    throw new RelayError('invalid_request', { issue: 'the body broke off' }, cause)
  }
}
