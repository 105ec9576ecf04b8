import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Fields } from '../../../claude-format/lines.ts'
import { type IngressHandler, openIngress } from '../ingress.ts'
import type { HeldAsk, Link } from '../link.ts'
import { connectorLauncher } from '../plugin-files.ts'

const connectorPath = join(import.meta.dirname, 'connector.ts')
let dataDir = ''
let program: ChildProcess | undefined
let replies: Fields[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'connector-'))
  replies = []
})
afterEach(async () => {
  program?.kill('SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
})

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const session = { CLAUDE_CODE_SESSION_ID: 's1', CLAUDE_CODE_ENTRYPOINT: 'cli', ...env }
  program = spawn(command, args, { env: { PATH: process.env.PATH, ...session } })
  createInterface({ input: program.stdout as NodeJS.ReadableStream }).on('line', (line) =>
    replies.push(JSON.parse(line)),
  )
  return program
}
const startConnector = (env?: NodeJS.ProcessEnv) =>
  run(process.execPath, [connectorPath, dataDir], env)

const send = (message: object) =>
  program?.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const hook = (id: number, input: Fields) =>
  send({
    id,
    method: 'tools/call',
    params: { name: 'hook', arguments: { session_id: 's1', ...input } },
  })
const permission = (id: number, more: Fields = {}) =>
  hook(id, {
    hook_event_name: 'PermissionRequest',
    tool_name: 'Bash',
    tool_input: '{"command":"ls"}',
    ...more,
  })
const replyTo = (id: number) => replies.find((reply) => reply.id === id)
const outputOf = (id: number) => {
  const result = replyTo(id)?.result as { content: { text: string }[] } | undefined
  return JSON.parse(result?.content[0]?.text ?? '')
}

/** A relay that notes what it is told. */
async function openRelay() {
  const asks: { link: Link; ask: HeldAsk }[] = []
  const gone: string[] = []
  const hooks: Fields[] = []
  const hellos: Link[] = []
  const handler: IngressHandler = {
    hello: (link, held) => {
      hellos.push(link)
      for (const ask of held) asks.push({ link, ask })
    },
    hook: (_, input) => hooks.push(input),
    ask: (link, ask) => asks.push({ link, ask }),
    gone: (_, holdId, why) => gone.push(`${holdId} ${why}`),
    closed: () => {},
    refused: () => {},
  }
  const ingress = await openIngress(dataDir, handler)
  return { asks, gone, hooks, hellos, [Symbol.asyncDispose]: () => ingress[Symbol.asyncDispose]() }
}

test('it answers at once when no relay runs, and says hello when one comes up', async () => {
  startConnector()
  send({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } })
  send({ id: 1, method: 'tools/list' })
  send({ id: 2, method: 'server/discover' })
  hook(3, { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: '{}', tool_use_id: 't1' })
  await vi.waitFor(() => expect(replies).toHaveLength(4), 5_000)
  expect(replyTo(0)?.result).toMatchObject({
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
  })
  expect(replyTo(1)?.result).toEqual({ tools: [] })
  expect(replyTo(2)?.error).toMatchObject({ code: -32601 })
  expect(outputOf(3)).toEqual({})

  await using relay = await openRelay()
  await vi.waitFor(() => expect(relay.hellos).toHaveLength(1), { timeout: 5_000 })
  expect(relay.hellos[0]).toMatchObject({ role: 'session', sessionId: 's1', hasDialog: true })
  hook(4, { hook_event_name: 'Stop', agent_id: '', background_tasks: '[{"id":"a"}]' })
  await vi.waitFor(() => expect(relay.hooks).toHaveLength(1), 5_000)
  expect(relay.hooks[0]).toEqual({
    session_id: 's1',
    hook_event_name: 'Stop',
    background_tasks: [{ id: 'a' }],
  })
})

test('[I5] a held permission outlives the relay and is announced again under the same id', async () => {
  startConnector()
  hook(1, {
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_input: '{"command":"ls"}',
    tool_use_id: 't1',
  })
  permission(2)
  let held: HeldAsk | undefined
  {
    await using relay = await openRelay()
    await vi.waitFor(() => expect(relay.asks).toHaveLength(1), { timeout: 5_000 })
    held = relay.asks[0]?.ask
    expect(held).toMatchObject({ toolUseId: 't1', input: { tool_input: { command: 'ls' } } })
  }
  expect(replyTo(2)).toBeUndefined()
  await using relay = await openRelay()
  await vi.waitFor(() => expect(relay.asks).toHaveLength(1), { timeout: 5_000 })
  expect(relay.asks[0]?.ask).toEqual(held)
  const taken = await relay.asks[0]?.link.answer(held?.holdId ?? '', { yes: true })
  expect(taken).toBe(true)
  await vi.waitFor(() => expect(outputOf(2)).toEqual({ yes: true }), 5_000)
  expect(await relay.asks[0]?.link.answer(held?.holdId ?? '', {})).toBe(false)
})

test('[PE-3] it tells when a held permission was settled elsewhere', async () => {
  await using relay = await openRelay()
  startConnector()
  await vi.waitFor(() => expect(relay.hellos).toHaveLength(1), { timeout: 5_000 })
  for (const [id, toolUseId] of [
    [10, 'ran'],
    [20, 'cancelled'],
    [30, 'over'],
  ] as const) {
    const input = { tool_name: 'Bash', tool_input: `{"command":"${toolUseId}"}` }
    hook(id, { hook_event_name: 'PreToolUse', tool_use_id: toolUseId, ...input })
    permission(id + 1, input)
  }
  await vi.waitFor(() => expect(relay.asks).toHaveLength(3), 5_000)
  hook(12, { hook_event_name: 'PostToolUse', tool_use_id: 'ran' })
  send({ method: 'notifications/cancelled', params: { requestId: 21 } })
  hook(32, { hook_event_name: 'Stop' })
  await vi.waitFor(() => expect(relay.gone).toHaveLength(3), 5_000)
  expect(relay.gone.map((line) => line.split(' ')[1])).toEqual(['ran', 'cancelled', 'turn_over'])
  expect(outputOf(11)).toEqual({})
  expect(replyTo(21)).toBeUndefined()
})

test('where a held permission hides the prompt, it is let go as soon as there is no relay', async () => {
  startConnector()
  permission(1, { agent_id: 'a1' })
  await vi.waitFor(() => expect(outputOf(1)).toEqual({}), 5_000)
  {
    await using relay = await openRelay()
    await vi.waitFor(() => expect(relay.hellos).toHaveLength(1), { timeout: 5_000 })
    permission(2, { agent_id: 'a1' })
    await vi.waitFor(() => expect(relay.asks).toHaveLength(1), 5_000)
    expect(replyTo(2)).toBeUndefined()
  }
  await vi.waitFor(() => expect(outputOf(2)).toEqual({}), 5_000)
  program?.kill('SIGKILL')
  startConnector({ CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' })
  permission(3)
  await vi.waitFor(() => expect(outputOf(3)).toEqual({}), 5_000)
})

test('an "ask my phone" rule asks while a relay runs, and only then', async () => {
  await writeFile(
    join(dataDir, 'ask-rules.json'),
    '{"rules":[{"tool":"Bash","pattern":"git push*"}]}',
  )
  startConnector()
  const call = (id: number, command: string) =>
    hook(id, {
      hook_event_name: 'PreToolUse',
      tool_name: 'Bash',
      tool_input: JSON.stringify({ command }),
      tool_use_id: `t${id}`,
    })
  call(1, 'git push')
  await vi.waitFor(() => expect(outputOf(1)).toEqual({}), 5_000)
  await using relay = await openRelay()
  await vi.waitFor(() => expect(relay.hellos).toHaveLength(1), { timeout: 5_000 })
  call(2, 'git push origin main')
  call(3, 'git pull')
  await vi.waitFor(() => expect(replyTo(3)).toBeDefined(), 5_000)
  expect(outputOf(2)).toMatchObject({ hookSpecificOutput: { permissionDecision: 'ask' } })
  expect(outputOf(3)).toEqual({})
  await writeFile(join(dataDir, 'ask-rules.json'), 'not json')
  call(4, 'git push')
  await vi.waitFor(() => expect(outputOf(4)).toEqual({}), 5_000)
})

test('[I11] an "ask my phone" rule is not talked past with a field of another tool', async () => {
  const rules = [{ tool: 'WebFetch', pattern: 'https://b.example/*' }]
  await writeFile(join(dataDir, 'ask-rules.json'), JSON.stringify({ rules }))
  await using relay = await openRelay()
  startConnector()
  await vi.waitFor(() => expect(relay.hellos).toHaveLength(1), { timeout: 5_000 })
  const input = { url: 'https://b.example/x', command: 'ls' }
  hook(1, {
    hook_event_name: 'PreToolUse',
    tool_name: 'WebFetch',
    tool_input: JSON.stringify(input),
  })
  await vi.waitFor(() => expect(replyTo(1)).toBeDefined(), 5_000)
  expect(outputOf(1)).toMatchObject({ hookSpecificOutput: { permissionDecision: 'ask' } })
})

test('what it cannot read neither stops it nor goes unanswered where an answer is due', async () => {
  startConnector()
  program?.stdin?.write('not json\n[]\nnull\n')
  hook(1, { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: '{broken' })
  await vi.waitFor(() => expect(outputOf(1)).toEqual({}), 5_000)
  program?.stdin?.end()
  await once(program as ChildProcess, 'exit')
})

test('where Node or the connector is gone, the launcher answers every hook with nothing to say', async () => {
  run('sh', [
    '-c',
    connectorLauncher,
    'bellhop',
    '/no/such/node',
    join(dataDir, 'gone.mjs'),
    dataDir,
  ])
  send({ id: 'server-discover-probe-1', method: 'server/discover', params: {} })
  program?.stdin?.write(
    '{"method":"initialize","params":{"protocolVersion":"2025-11-25"},"jsonrpc":"2.0","id":0}\n',
  )
  program?.stdin?.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
  program?.stdin?.write(
    `{"method":"tools/call","params":{"arguments":{"prompt":"a \\"id\\":9, 'q' $HOME \\\\ %s"}},"jsonrpc":"2.0","id":7}\n`,
  )
  await vi.waitFor(() => expect(replies).toHaveLength(3), 5_000)
  expect(replyTo(0)?.result).toMatchObject({ serverInfo: { name: 'bellhop' } })
  expect(outputOf(7)).toEqual({})
  expect(replies[0]).toMatchObject({ id: 'server-discover-probe-1', error: { code: -32601 } })
})
