/** Where the sessions' connectors call in: a unix socket in the data folder, newline-delimited JSON. */
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { RelayError } from '@bellhop/core'
import {
  type Fields,
  fieldsOf,
  lineReader,
  listOf,
  numberOf,
  textOf,
} from '../../claude-format/lines.ts'
import { dataPaths } from './data-paths.ts'
import { ConnectedLink, type GoneReason, type HeldAsk, type Link } from './link.ts'

export interface IngressHandler {
  /** `asks` is everything this process holds open, also from before the relay came up. */
  hello(link: Link, asks: readonly HeldAsk[]): void
  hook(link: Link, input: Fields): void
  ask(link: Link, ask: HeldAsk): void
  gone(link: Link, holdId: string, why: GoneReason): void
  closed(link: Link): void
  /** Something arrived that cannot be read. */
  refused(why: string, raw: string): void
}

const lineMaxChars = 8 * 1024 * 1024
const linksMax = 512
// The system's limit for a socket path is 104 or 108 bytes, the closing zero included.
const socketPathMaxBytes = 100

const goneReasons: Readonly<Record<string, GoneReason>> = {
  ran: 'ran',
  cancelled: 'cancelled',
  turn_over: 'turn_over',
}

function parseAsk(value: unknown): HeldAsk | undefined {
  const fields = fieldsOf(value)
  const holdId = textOf(fields?.holdId)
  const input = fieldsOf(fields?.input)
  if (!fields || !holdId || !/^[\w-]{8,64}$/.test(holdId) || !input) return undefined
  const toolUseId = textOf(fields.toolUseId)
  const askedAtMs = numberOf(fields.askedAtMs) ?? Date.now()
  return { holdId, askedAtMs, input, ...(toolUseId && { toolUseId }) }
}

function serve(socket: Socket, handler: IngressHandler): void {
  let link: ConnectedLink | undefined
  const refuse = (why: string, raw: string) => handler.refused(why, raw.slice(0, 2_000))

  const hello = (message: Fields, raw: string) => {
    const pid = numberOf(message.pid)
    const sessionId = textOf(message.sessionId)
    if (link || !pid || !sessionId) return refuse('a hello without process or session', raw)
    link = new ConnectedLink(socket, message, pid, sessionId)
    const asks = listOf(message.asks).map(parseAsk)
    handler.hello(
      link,
      asks.filter((ask) => ask !== undefined),
    )
  }

  const receive = (line: string) => {
    const message = fieldsOf(parseJson(line))
    if (!message) return refuse('a line that is not a JSON object', line)
    if (message.type === 'hello') return hello(message, line)
    if (!link) return refuse('a message before hello', line)
    const holdId = textOf(message.holdId) ?? ''
    switch (message.type) {
      case 'hook': {
        const input = fieldsOf(message.input)
        return input ? handler.hook(link, input) : refuse('a hook without input', line)
      }
      case 'ask': {
        const ask = parseAsk(message)
        return ask ? handler.ask(link, ask) : refuse('a permission without id or input', line)
      }
      case 'gone':
        link.noteGone(holdId)
        return handler.gone(link, holdId, goneReasons[textOf(message.why) ?? ''] ?? 'cancelled')
      case 'taken':
        return link.taken(holdId, message.ok === true)
      default:
        refuse('a message of an unknown kind', line)
    }
  }

  const read = lineReader(lineMaxChars, receive, () => {
    refuse('a line that is too long', '')
    socket.destroy()
  })
  socket.setEncoding('utf8').on('data', (chunk) => read(String(chunk)))
  socket.on('error', () => {})
  socket.once('close', () => link && handler.closed(link))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A folder of ours alone. Its place can be guessed, so somebody else may have put one there before. */
async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new RelayError('data_folder_unusable', { path: folder })
  }
  await chmod(folder, 0o700)
}

async function choosePath(dataDir: string): Promise<string> {
  const paths = dataPaths(dataDir)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await rm(paths.ingressPath, { force: true })
  if (Buffer.byteLength(paths.ingressSocket) <= socketPathMaxBytes) return paths.ingressSocket
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  const folder = process.env.XDG_RUNTIME_DIR || tmpdir()
  const chosen = join(folder, `bellhop-${process.getuid?.() ?? 0}-${name}`, 'in.sock')
  await ownFolder(dirname(chosen))
  await writeFile(paths.ingressPath, chosen, { mode: 0o600 })
  return chosen
}

/** The folder made for a socket elsewhere, and the note that leads there, go with the relay. */
async function removePlace(dataDir: string, path: string): Promise<void> {
  const paths = dataPaths(dataDir)
  if (path === paths.ingressSocket) return
  await rm(paths.ingressPath, { force: true })
  // What is not empty is not ours to take away.
  await rmdir(dirname(path)).catch(() => {})
}

/** Opens the socket; only the relay's own system user can reach it. */
export async function openIngress(
  dataDir: string,
  handler: IngressHandler,
): Promise<AsyncDisposable> {
  const path = await choosePath(dataDir)
  // One relay runs per data folder, so what lies here was left by one that is gone.
  await rm(path, { force: true })
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(socket, handler)
  })
  server.maxConnections = linksMax
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve)
  }).catch((error: unknown) => {
    throw new RelayError('data_folder_unusable', { folder: dataDir }, error)
  })
  await chmod(path, 0o600)
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await removePlace(dataDir, path)
    },
  }
}
