/**
 * A permission hook as a program, for a session that was already running when the plugin came: it
 * holds one permission open until the relay answers or the session ends it.
 *
 * It promises never to fail and to say nothing unless it has an answer. It is written out as one
 * file and run by whatever Node is there, so it imports Node's own modules only.
 *
 * Run as `node held-hook.mjs <dataDir>` with the hook's input on stdin.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'

const dataDir = process.argv[2] ?? ''
const retryMs = 1_000
const holdId = randomUUID()
const askedAtMs = Date.now()

function leave(output?: unknown): void {
  const text = output === undefined ? '' : JSON.stringify(output)
  process.stdout.write(text, () => process.exit(0))
}

function socketPath(): string {
  try {
    return readFileSync(join(dataDir, 'ingress.path'), 'utf8').trim()
  } catch {
    return join(dataDir, 'ingress.sock')
  }
}

/** Calls for each line; Node's own reader also ends one at U+2028, which stands in JSON as it is. */
function onLines(input: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = ''
  input.setEncoding('utf8')
  input.on('data', (chunk) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
}

function hold(input: Record<string, unknown>): void {
  const env = process.env
  const hasDialog = (env.CLAUDE_CODE_ENTRYPOINT ?? 'cli') === 'cli'
  // Where no dialog stands beside this hook, waiting would hide the prompt.
  const mayWait = hasDialog && !input.agent_id
  const connect = () => {
    const socket = createConnection(socketPath())
    socket.on('error', () => {})
    socket.on('connect', () => {
      const hello = {
        type: 'hello',
        role: 'adopted',
        pid: Number(env.CLAUDE_PID ?? process.ppid),
        sessionId: input.session_id,
        hasDialog,
        inboxSocket: env.CLAUDE_CODE_MESSAGING_SOCKET,
        tmux: env.TMUX,
        tmuxPane: env.TMUX_PANE,
        asks: [{ holdId, askedAtMs, input }],
      }
      socket.write(`${JSON.stringify(hello)}\n`)
      onLines(socket, (line) => {
        const message = JSON.parse(line)
        if (message.type !== 'answer' || message.holdId !== holdId) return
        const taken = `${JSON.stringify({ type: 'taken', holdId, ok: true })}\n`
        socket.write(taken, () => leave(message.output ?? undefined))
      })
    })
    socket.on('close', () => {
      if (mayWait) setTimeout(connect, retryMs)
      else leave()
    })
  }
  connect()
}

for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => process.exit(0))
process.on('uncaughtException', () => leave())
let text = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (chunk) => {
  text += chunk
})
process.stdin.on('end', () => hold(JSON.parse(text)))
