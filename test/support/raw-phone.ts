import { request } from 'node:http'
import {
  ENDPOINTS,
  type EndpointName,
  type ProofClaims,
  proofDigest,
  randomSuffix,
} from '@bellhop/core'
import { type DeviceKey, deviceKeyFrom, generateKeyPair } from '@bellhop/core/client'
import { SignJWT } from 'jose'

/** An answer with nothing interpreted. */
export type RawAnswer = {
  status: number
  header(name: string): string | undefined
  text: string
  /** The refusal’s code, when the answer is one. */
  code: string | undefined
  json(): Record<string, unknown>
}

/** Sends exactly what it is told: any path, any `Host`, any header, as often as it likes. */
export const rawRequest = (
  origin: string,
  call: {
    method?: string
    path: string
    headers?: Record<string, string | string[]>
    body?: string
  },
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const outgoing = request(
      {
        hostname,
        port,
        path: call.path,
        method: call.method ?? 'GET',
        agent: false,
        headers: call.headers,
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const json = () => JSON.parse(text) as Record<string, unknown>
          let code: string | undefined
          try {
            code = (json() as { error?: { code?: string } }).error?.code
          } catch {
            code = undefined
          }
          resolve({
            status: incoming.statusCode ?? 0,
            header: (name) => incoming.headers[name]?.toString(),
            text,
            code,
            json,
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(call.body)
  })

type Changes = {
  claims?: Partial<Record<keyof ProofClaims, unknown>>
  header?: Record<string, unknown>
  signWith?: DeviceKey
}

/** What a call is made of; whatever is left out is made as it should be. */
export type RawCall = Changes & {
  body?: string
  proof?: string | null
  accessToken?: string | null
  headers?: Record<string, string>
}

/** A phone that can be made to do everything wrong. */
export type RawPhone = {
  readonly key: DeviceKey
  nonce(): Promise<string>
  prove(name: EndpointName, call?: RawCall & { accessToken?: string }): Promise<string>
  /** Calls an endpoint, with its own token unless told otherwise. */
  call(name: EndpointName, call?: RawCall): Promise<RawAnswer>
  /** Gets a token, once. */
  token(): Promise<string>
}

export const createRawPhone = async (
  origin: string,
  options: { key?: DeviceKey; nowMs?: () => number } = {},
): Promise<RawPhone> => {
  const key = options.key ?? (await deviceKeyFrom(await generateKeyPair()))
  const nowMs = options.nowMs ?? Date.now
  let token: string | undefined

  const phone: RawPhone = {
    key,
    nonce: async () =>
      (await rawRequest(origin, { path: '/healthz' })).header('dpop-nonce') ?? 'there is none',
    prove: async (name, call = {}) => {
      const { method, path } = ENDPOINTS[name]
      const { accessToken } = call
      const signer = call.signWith ?? key
      return new SignJWT({
        jti: randomSuffix(),
        htm: method,
        htu: origin + path,
        iat: Math.floor(nowMs() / 1000),
        nonce: await phone.nonce(),
        bd: await proofDigest(call.body ?? ''),
        ...(accessToken !== undefined && { ath: await proofDigest(accessToken) }),
        ...call.claims,
      } as never)
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicKey, ...call.header })
        .sign(signer.privateKey)
    },
    call: async (name, call = {}) => {
      const { method, path, access } = ENDPOINTS[name]
      const needsToken = access !== 'public' && access !== 'device'
      const accessToken =
        call.accessToken ??
        (needsToken && call.accessToken !== null ? await phone.token() : undefined)
      const proof =
        call.proof === undefined
          ? await phone.prove(name, {
              ...call,
              ...(accessToken !== undefined && { accessToken }),
            } as never)
          : call.proof
      return rawRequest(origin, {
        method,
        path,
        headers: {
          ...(call.body !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(call.body)),
          }),
          ...(accessToken !== undefined && { authorization: `DPoP ${accessToken}` }),
          ...(proof !== null && { dpop: proof }),
          ...call.headers,
        },
        ...(call.body !== undefined && { body: call.body }),
      })
    },
    token: async () => {
      token ??= String((await phone.call('token')).json().accessToken)
      return token
    },
  }
  return phone
}
