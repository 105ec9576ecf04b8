/**
 * The end of the wire inside a session: a stdio MCP server that the session's hooks call.
 *
 * It promises the session that nothing changes: every hook is answered at once with `{}`, whatever
 * goes wrong here, except that a permission may stay open until the relay has an answer. It is
 * written out as one file and run by whatever Node is there, so it imports Node's own modules only.
 *
 * Run as `node connector.mjs <dataDir>`.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'

type Fields = Record<string, unknown>
type RequestId = string | number
type Ask = {
  holdId: string
  askedAtMs: number
  requestId: RequestId
  input: Fields
  toolUseId?: string | undefined
}

const dataDir = process.argv[2] ?? ''
const asksMax = 64
const backlogMaxBytes = 4 * 1024 * 1024
const reconnectMinMs = 200
const reconnectMaxMs = 5_000
const reconnectWhileAskingMs = 1_000
// Only a terminal (or a background session) has a dialog of its own beside the held hook.
const hasDialog = (process.env.CLAUDE_CODE_ENTRYPOINT ?? 'cli') === 'cli'

const asks = new Map<string, Ask>()
const lastCalls: { key: string; toolUseId: string }[] = []
let relay: Socket | undefined
let retryTimer: NodeJS.Timeout | undefined
let retryMs = reconnectMinMs

// ---- the session's side -------------------------------------------------------------------------

function reply(id: RequestId, outcome: { result: unknown } | { error: unknown }): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n`)
}

function replyHook(id: RequestId, output: unknown): void {
  reply(id, { result: { content: [{ type: 'text', text: JSON.stringify(output) }] } })
}

// Hook placeholders arrive as text: structures as JSON, what does not apply as an empty string.
const structured = ['tool_input', 'tool_response', 'permission_suggestions', 'background_tasks']

function readHook(given: Fields): Fields {
  const fields: Fields = {}
  for (const [name, value] of Object.entries(given)) {
    if (value === '' || value === undefined) continue
    fields[name] = value
    if (typeof value !== 'string' || !structured.includes(name)) continue
    try {
      fields[name] = JSON.parse(value)
    } catch {
      // Stays text; the relay shows what it cannot read.
    }
  }
  return fields
}

const callKey = (hook: Fields) =>
  JSON.stringify([hook.session_id, hook.agent_id, hook.tool_name, hook.tool_input])

function onHook(id: RequestId, given: Fields): void {
  const hook = readHook(given)
  const event = hook.hook_event_name
  if (event === 'PermissionRequest') {
    onAsk(id, hook)
    return
  }
  replyHook(id, event === 'PreToolUse' && relay && mustAsk(hook) ? askOutput : {})
  if (event === 'PreToolUse') {
    lastCalls.push({ key: callKey(hook), toolUseId: String(hook.tool_use_id ?? '') })
    if (lastCalls.length > asksMax) lastCalls.shift()
  }
  if (event === 'PostToolUse' || event === 'PostToolUseFailure') {
    dropAsks('ran', (ask) => ask.toolUseId !== undefined && ask.toolUseId === hook.tool_use_id)
  }
  if ((event === 'Stop' || event === 'UserPromptSubmit') && !hook.agent_id) {
    dropAsks('turn_over', (ask) => !ask.input.agent_id)
  }
  send({ type: 'hook', input: hook })
}

function onAsk(requestId: RequestId, input: Fields): void {
  const mayWait = hasDialog && !input.agent_id
  if (asks.size >= asksMax || (!relay && !mayWait)) {
    replyHook(requestId, {})
    return
  }
  const key = callKey(input)
  const toolUseId = lastCalls.findLast((call) => call.key === key)?.toolUseId || undefined
  const ask: Ask = { holdId: randomUUID(), askedAtMs: Date.now(), requestId, input, toolUseId }
  asks.set(ask.holdId, ask)
  if (relay) send({ type: 'ask', ...announced(ask) })
  else connectSoon(0)
}

const announced = ({ holdId, askedAtMs, toolUseId, input }: Ask) => ({
  holdId,
  askedAtMs,
  toolUseId,
  input,
})

/** Lets go of asks that were settled elsewhere; the session has stopped listening to most of them. */
function dropAsks(why: string, matches: (ask: Ask) => boolean): void {
  for (const ask of [...asks.values()].filter(matches)) {
    asks.delete(ask.holdId)
    if (why !== 'cancelled') replyHook(ask.requestId, {})
    send({ type: 'gone', holdId: ask.holdId, why })
  }
}

function onSessionMessage(message: Fields): void {
  const id = message.id as RequestId | undefined
  const params = (message.params ?? {}) as Fields
  if (message.method === 'notifications/cancelled') {
    dropAsks('cancelled', (ask) => ask.requestId === params.requestId)
  }
  if (id === undefined) return
  switch (message.method) {
    case 'initialize': {
      const protocolVersion = params.protocolVersion
      const serverInfo = { name: 'bellhop', version: '1' }
      reply(id, { result: { protocolVersion, capabilities: { tools: {} }, serverInfo } })
      break
    }
    case 'ping':
      reply(id, { result: {} })
      break
    case 'tools/list':
      // The hooks' tool is left out on purpose: the model has no business calling it.
      reply(id, { result: { tools: [] } })
      break
    case 'tools/call':
      onHook(id, (params.arguments ?? {}) as Fields)
      break
    default:
      reply(id, { error: { code: -32601, message: 'not known here' } })
  }
}

// ---- "ask my phone" -----------------------------------------------------------------------------

const askOutput = {
  hookSpecificOutput: {
    hookEventName: 'PreToolUse',
    permissionDecision: 'ask',
    permissionDecisionReason: 'One of your "ask my phone" rules names this.',
  },
}

type AskRule = { tool: string; pattern?: string }
let rules: AskRule[] = []
let rulesStamp = ''

function readRules(): AskRule[] {
  const path = join(dataDir, 'ask-rules.json')
  try {
    const { mtimeMs, size } = statSync(path)
    const stamp = `${mtimeMs} ${size}`
    if (stamp !== rulesStamp) {
      rules = JSON.parse(readFileSync(path, 'utf8')).rules
      rulesStamp = stamp
    }
  } catch {
    rules = []
    rulesStamp = ''
  }
  return rules
}

// What a rule's pattern is held against, by the field that matters for the tool.
const subjectFields = ['command', 'file_path', 'notebook_path', 'url', 'query', 'pattern']

function matchesPattern(text: string, pattern: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${source.join('[^]*')}$`).test(text)
}

function mustAsk(hook: Fields): boolean {
  const input = (hook.tool_input ?? {}) as Fields
  const texts = subjectFields.map((name) => input[name]).filter((text) => typeof text === 'string')
  // Every one of them, so that a field the tool does not know cannot stand before the one it does.
  const subjects = texts.length > 0 ? texts : [JSON.stringify(input)]
  return readRules().some(
    ({ tool, pattern }) =>
      matchesPattern(String(hook.tool_name), tool) &&
      (pattern === undefined || subjects.some((subject) => matchesPattern(subject, pattern))),
  )
}

// ---- the relay's side ---------------------------------------------------------------------------

function send(message: Fields): void {
  // A relay that does not read is treated like one that is not there: observations are let go.
  if (!relay || relay.writableLength > backlogMaxBytes) return
  relay.write(`${JSON.stringify(message)}\n`)
}

function socketPath(): string {
  try {
    return readFileSync(join(dataDir, 'ingress.path'), 'utf8').trim()
  } catch {
    return join(dataDir, 'ingress.sock')
  }
}

function connectSoon(delayMs: number): void {
  if (relay) return
  clearTimeout(retryTimer)
  retryTimer = setTimeout(connect, delayMs)
}

function connect(): void {
  const socket = createConnection(socketPath())
  socket.on('error', () => {})
  socket.on('connect', () => {
    relay = socket
    retryMs = reconnectMinMs
    send({
      type: 'hello',
      role: 'session',
      pid: process.ppid,
      sessionId: process.env.CLAUDE_CODE_SESSION_ID,
      hasDialog,
      inboxSocket: process.env.CLAUDE_CODE_MESSAGING_SOCKET,
      tmux: process.env.TMUX,
      tmuxPane: process.env.TMUX_PANE,
      asks: [...asks.values()].map(announced),
    })
    onLines(socket, (line) => attempt(() => onRelayMessage(JSON.parse(line))))
  })
  socket.on('close', () => {
    if (relay === socket) relay = undefined
    if (relay) return
    // Here a held hook hides the prompt from the person at the desk, so it is not kept.
    for (const ask of [...asks.values()]) {
      if (hasDialog && !ask.input.agent_id) continue
      asks.delete(ask.holdId)
      replyHook(ask.requestId, {})
    }
    retryMs = Math.min(retryMs * 2, asks.size > 0 ? reconnectWhileAskingMs : reconnectMaxMs)
    connectSoon(retryMs)
  })
}

function onRelayMessage(message: Fields): void {
  if (message.type !== 'answer') return
  const ask = asks.get(String(message.holdId))
  send({ type: 'taken', holdId: message.holdId, ok: ask !== undefined })
  if (!ask) return
  asks.delete(ask.holdId)
  replyHook(ask.requestId, message.output ?? {})
}

// ---- running ------------------------------------------------------------------------------------

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

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // Dying would show in the session's terminal at every hook from then on; a lost line does not.
  }
}

for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => process.exit(0))
process.on('uncaughtException', () => {})
process.stdout.on('error', () => process.exit(0))
onLines(process.stdin, (line) => attempt(() => onSessionMessage(JSON.parse(line))))
for (const name of ['end', 'close', 'error']) process.stdin.on(name, () => process.exit(0))
connect()
