import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type IngressHandler, openIngress } from './ingress.ts'
import type { Link } from './link.ts'

let dataDir = ''
let links: Link[] = []
let calls: string[] = []
let sockets: Socket[] = []

const handler: IngressHandler = {
  hello: (link, asks) => {
    links.push(link)
    calls.push(`hello ${asks.length}`)
  },
  hook: (_, input) => calls.push(`hook ${input.hook_event_name}`),
  ask: (_, ask) => calls.push(`ask ${ask.holdId}`),
  gone: (_, holdId, why) => calls.push(`gone ${holdId} ${why}`),
  closed: () => calls.push('closed'),
  refused: (why) => calls.push(`refused ${why}`),
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ingress-'))
  links = []
  calls = []
  sockets = []
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await rm(dataDir, { recursive: true, force: true })
})

function dial(path = join(dataDir, 'ingress.sock')): Socket {
  const socket = createConnection(path)
  socket.on('error', () => {})
  sockets.push(socket)
  return socket
}
const write = (socket: Socket, ...messages: unknown[]) => {
  for (const message of messages) {
    socket.write(typeof message === 'string' ? `${message}\n` : `${JSON.stringify(message)}\n`)
  }
}
const hello = { type: 'hello', role: 'session', pid: 7, sessionId: 's1', asks: [] }

test('[I12] only the relay’s own system user can reach the socket', async () => {
  await using _ = await openIngress(dataDir, handler)
  expect((await stat(join(dataDir, 'ingress.sock'))).mode & 0o777).toBe(0o600)
})

test('[I8] what cannot be read is refused one by one, and what comes after it is heard', async () => {
  await using _ = await openIngress(dataDir, handler)
  const socket = dial()
  write(socket, 'not json', '[]', { type: 'hook', input: {} }, { type: 'hello' }, hello, hello)
  write(socket, { type: 'hook' }, { type: 'ask', holdId: '../x', input: {} }, { type: 'surprise' })
  write(socket, { type: 'hook', input: { hook_event_name: 'Stop' } })
  await vi.waitFor(() => expect(calls).toContain('hook Stop'), 5_000)
  expect(calls.filter((call) => call.startsWith('refused'))).toHaveLength(8)
  expect(links.map(({ pid }) => pid)).toEqual([7])
})

test('[I6] a line without end costs its sender the connection and nobody else', async () => {
  await using _ = await openIngress(dataDir, handler)
  const endless = dial()
  endless.write('x'.repeat(9 * 1024 * 1024))
  await vi.waitFor(() => expect(endless.destroyed || endless.closed).toBe(true), 5_000)
  expect(calls).toContain('refused a line that is too long')
  write(dial(), hello)
  await vi.waitFor(() => expect(links).toHaveLength(1), 5_000)
})

test('an answer to a process that is gone is refused as unreachable', async () => {
  await using _ = await openIngress(dataDir, handler)
  const socket = dial()
  write(socket, hello)
  await vi.waitFor(() => expect(links).toHaveLength(1), 5_000)
  const waiting = expect(links[0]?.answer('hold-0001', {})).rejects.toMatchObject({
    code: 'source_unreachable',
  })
  socket.destroy()
  await waiting
  await vi.waitFor(() => expect(links[0]?.isClosed).toBe(true), 5_000)
  await expect(links[0]?.answer('hold-0002', {})).rejects.toMatchObject({
    code: 'source_unreachable',
  })
})

test('a data folder with a long path has its socket elsewhere and says where', async () => {
  dataDir = join(dataDir, 'd'.repeat(120))
  await using _ = await openIngress(dataDir, handler)
  const path = (await readFile(join(dataDir, 'ingress.path'), 'utf8')).trim()
  expect(Buffer.byteLength(path)).toBeLessThan(100)
  write(dial(path), hello)
  await vi.waitFor(() => expect(links).toHaveLength(1), 5_000)
})
