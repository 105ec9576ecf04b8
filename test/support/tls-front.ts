import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import {
  createServer as createTlsServer,
  getCACertificates,
  setDefaultCACertificates,
} from 'node:tls'
import type { Certificate } from './certificate.ts'

/** An https address on loopback in front of a server that speaks http. */
export interface TlsFront extends AsyncDisposable {
  readonly url: string
  /** How often somebody has knocked. */
  readonly knocks: number
  /** Who answers behind it. */
  leadTo(httpUrl: string): void
  /** Shows this certificate from now on; every line that is open is cut. */
  show(certificate: Certificate): void
  /** Breaks off as soon as the client has begun to agree on a key; every line that is open is cut. */
  breakOff(): void
  /** Answers in plain http; every line that is open is cut. */
  speakPlainly(): void
  /** Cuts every line that is open. */
  cut(): void
  /** Whether bytes are on their way just now. */
  isBusy(): boolean
}

/** Bytes reach the other end of a line on loopback in less. */
const ON_THE_WAY_MS = 3

const portOf = (address: AddressInfo | string | null): number => (address as AddressInfo).port

export const startTlsFront = async (first: Certificate): Promise<TlsFront> => {
  const lines = new Set<Socket>()
  let target = 0
  let knocks = 0
  let stirredMs = 0
  const stir = () => {
    stirredMs = performance.now()
  }
  // A weak key is for the client to turn down.
  const ciphers = 'DEFAULT@SECLEVEL=0'
  const shield = createTlsServer({ ...first, ciphers }, (inner) => {
    const onward = connect(target, '127.0.0.1')
    for (const end of [inner, onward]) end.on('data', stir)
    pipeline(inner, onward, inner, () => {})
  })
  shield.on('tlsClientError', () => {})
  const plain = createHttpServer((_, answer) => answer.end('Hello.'))
  const shielded = (line: Socket) => shield.emit('connection', line)
  let meet: (line: Socket) => unknown = shielded

  const door = createServer((line) => {
    knocks += 1
    lines.add(line)
    line.on('error', () => {})
    line.once('close', () => {
      lines.delete(line)
      stir()
    })
    stir()
    meet(line)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))

  const cut = () => {
    for (const line of lines) line.destroy()
  }
  const become = (next: typeof meet) => {
    meet = next
    cut()
  }
  return {
    url: `https://127.0.0.1:${portOf(door.address())}`,
    get knocks() {
      return knocks
    },
    leadTo: (httpUrl) => {
      target = Number(new URL(httpUrl).port)
    },
    show: (certificate) => {
      shield.setSecureContext({ ...certificate, ciphers })
      become(shielded)
    },
    breakOff: () => become((line) => line.once('data', () => line.resetAndDestroy())),
    speakPlainly: () => become((line) => plain.emit('connection', line)),
    cut,
    isBusy: () => performance.now() - stirredMs < ON_THE_WAY_MS,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => door.close(resolve))
      become((line) => line.destroy())
      await closed
    },
  }
}

/** Has this process trust these and no others, until disposed of. */
export const trustOnly = (...certificates: readonly Certificate[]): Disposable => {
  const before = getCACertificates('default')
  setDefaultCACertificates(certificates.map(({ cert }) => cert))
  return { [Symbol.dispose]: () => setDefaultCACertificates(before) }
}
