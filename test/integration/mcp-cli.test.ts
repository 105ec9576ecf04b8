import { existsSync } from 'node:fs'
import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { expect, test } from 'vitest'
import { runCli } from '../../apps/relay/src/cli/run-cli.ts'
import { mcpSetup } from '../../apps/relay/src/mcp/mcp-setup.ts'
import { createDrawnTerminal } from '../support/drawn-terminal.ts'
import { agentToken, deskOf, readJson } from '../support/mcp-agent.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'

const parts: Parameters<typeof runCli>[1] = {
  startRelay: () => Promise.reject(new TypeError('not started here')),
  agentSetup: () => ({}) as ReturnType<Parameters<typeof runCli>[1]['agentSetup']>,
  mcpSetup: async () => mcpSetup,
}

const typed = async ({ dataDir }: TestRelay, ...args: string[]) => {
  const terminal = createDrawnTerminal({ HOME: dataDir, PATH: '' }, { columns: 200, rows: 40 })
  const exitCode = await runCli([...args, '--data-dir', dataDir], parts, terminal.process)
  return { exitCode, text: terminal.text() }
}

test('[MC-1] an agent is let in, listed and taken out at the terminal, and watches unless told otherwise', async () => {
  await using relay = await startRelay()
  const added = await typed(relay, 'mcp', 'add', '--name', 'desktop')
  expect(added).toMatchObject({ exitCode: 0 })
  expect(added.text).toContain('desktop is in, and may watch.')
  expect((await typed(relay, 'mcp', 'list')).text).toContain('watch · not seen since')
  expect((await typed(relay, 'devices')).text).toMatch(
    /desktop {2}MCP client\n +watch · not seen since · dev_/,
  )
  await typed(relay, 'mcp', 'ask-me', 'desktop', 'on')
  expect((await typed(relay, 'devices')).text).toContain('not seen since · asks you first · dev_')
  const driver = await typed(relay, 'mcp', 'add', '--name', 'driver', '--scope', 'drive')
  expect(driver.text).toContain('driver is in, and may watch, drive.')
  expect(await typed(relay, 'mcp', 'add', '--name', 'desktop')).toMatchObject({ exitCode: 1 })
  for (const scope of ['admin', 'watch,admin', 'all']) {
    const wrong = await typed(relay, 'mcp', 'add', '--name', 'boss', '--scope', scope)
    expect(wrong).toMatchObject({ exitCode: 2 })
  }
  await typed(relay, 'revoke', 'driver')
  expect((await typed(relay, 'mcp', 'list')).text).toContain('revoked')
  expect(await typed(relay, 'mcp', 'add', '--name', 'driver')).toMatchObject({ exitCode: 0 })
  const out = await typed(relay, 'mcp', 'remove', 'desktop')
  expect(out.text).toContain('desktop is out.')
  expect(existsSync(join(relay.dataDir, 'mcp', 'desktop.json'))).toBe(false)
  expect(await typed(relay, 'mcp', 'remove', 'desktop')).toMatchObject({ exitCode: 1 })
  expect(await typed(relay, 'mcp')).toMatchObject({ exitCode: 2 })
  expect(await typed(relay, 'mcp', '--as', 'nobody')).toMatchObject({ exitCode: 1 })
})

test('[MC-8] one command lets a client in and sets it up; the same again changes nothing', async () => {
  await using relay = await startRelay()
  const { dataDir, origin } = relay
  const file = join(dataDir, '.cursor', 'mcp.json')
  const shown = await typed(relay, 'mcp', 'install', 'cursor', '--print')
  expect(shown.text).toContain('"bellhop"')
  const json = JSON.parse(
    (await typed(relay, 'mcp', 'install', 'cursor', '--print', '--json')).text,
  )
  expect(json).toMatchObject({ client: 'cursor', name: 'cursor', path: file, isChanged: true })
  expect(JSON.parse(json.text).mcpServers.bellhop.args).toContain('cursor')
  expect(existsSync(file)).toBe(false)
  const desk = await deskOf(dataDir, origin)
  expect(await mcpSetup.list({ dataDir, desk })).toEqual([])
  expect((await typed(relay, 'mcp', 'install', 'cursor')).text).toContain('Cursor is set up')
  const { args } = (await readJson(file)).mcpServers.bellhop
  expect(args.slice(1)).toEqual(['mcp', '--as', 'cursor', '--data-dir', dataDir])
  expect(await mcpSetup.list({ dataDir, desk })).toMatchObject([
    { name: 'cursor', scopes: ['watch'] },
  ])
  expect((await typed(relay, 'mcp', 'install', 'cursor')).text).toContain('set up already')
  expect(await mcpSetup.list({ dataDir, desk })).toHaveLength(1)
  expect(await typed(relay, 'mcp', 'install', 'emacs')).toMatchObject({ exitCode: 2 })
})

test('[MC-1] [MC-8] an agent that is in already is made to ask where that is said, and never silently left with other scopes', async () => {
  await using relay = await startRelay()
  const { dataDir, origin } = relay
  const desk = await deskOf(dataDir, origin)
  const agents = () => mcpSetup.list({ dataDir, desk })
  await typed(relay, 'mcp', 'add', '--name', 'cursor', '--scope', 'drive')
  const wider = await typed(relay, 'mcp', 'install', 'cursor', '--scope', 'answer')
  expect(wider.exitCode).toBe(1)
  expect(existsSync(join(dataDir, '.cursor', 'mcp.json'))).toBe(false)
  const asking = await typed(relay, 'mcp', 'install', 'cursor', '--scope', 'drive', '--ask-me')
  expect(asking.exitCode).toBe(0)
  expect(await agents()).toMatchObject([
    { scopes: ['watch', 'drive'], device: { agent: { asksFirst: true } } },
  ])
  expect(await typed(relay, 'mcp', 'install', 'cursor')).toMatchObject({ exitCode: 0 })
  expect(await agents()).toMatchObject([{ device: { agent: { asksFirst: true } } }])
})

test('[MC-9] what is shown at the terminal holds no token unless it is asked for', async () => {
  await using relay = await startRelay({ config: { publicUrl: 'https://desk.example' } })
  const { dataDir, origin } = relay
  const added = await typed(relay, 'mcp', 'add', '--name', 'desktop')
  expect(added.text).toContain(`${origin}/mcp`)
  expect(added.text).toContain('from another machine https://desk.example/mcp.')
  expect(added.text).toContain(join(dataDir, 'mcp', 'desktop.json'))
  expect(added.text).not.toContain('bhm_')
  const json = await typed(relay, 'mcp', 'add', '--name', 'second', '--json')
  expect(JSON.parse(json.text)).toMatchObject({
    agent: { name: 'second' },
    url: `${origin}/mcp`,
    publicUrl: 'https://desk.example/mcp',
  })
  expect(json.text).not.toContain('bhm_')
  const shown = await typed(relay, 'mcp', 'add', '--name', 'third', '--show-token')
  expect(shown.text).toContain(`Authorization: Bearer ${await agentToken(dataDir, 'third')}`)
  const print = await typed(relay, 'mcp', 'install', 'cursor', '--http', '--print')
  expect(print.text).toContain(`"url": "${origin}/mcp"`)
  expect(print.text).not.toContain('bhm_')
})

test('[MC-8] [MC-9] a client is set up to call over HTTP, in a file for its owner alone, and is let in', async () => {
  await using relay = await startRelay()
  const { dataDir, origin } = relay
  const file = join(dataDir, '.cursor', 'mcp.json')
  await typed(relay, 'mcp', 'install', 'cursor')
  await chmod(file, 0o644)
  const done = await typed(relay, 'mcp', 'install', 'cursor', '--http')
  expect(done.text).toContain('Cursor is set up')
  expect(done.text).not.toContain('bhm_')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const { bellhop } = (await readJson(file)).mcpServers
  const token = await agentToken(dataDir, 'cursor')
  const headers = { Authorization: `Bearer ${token}` }
  expect(bellhop).toEqual({ url: `${origin}/mcp`, headers })
  expect((await typed(relay, 'mcp', 'install', 'cursor', '--http')).text).toContain('already')
  const transport = new StreamableHTTPClientTransport(new URL(bellhop.url), {
    requestInit: { headers: bellhop.headers },
  })
  const client = new Client({ name: 'as set up', version: '1' })
  await client.connect(transport)
  expect((await client.listTools()).tools.length).toBeGreaterThan(10)
  await client.close()
  const code = await typed(relay, 'mcp', 'install', 'claude-code', '--http', '--as', 'cursor')
  expect(code).toMatchObject({ exitCode: 0 })
  expect((await readJson(join(dataDir, '.claude.json'))).mcpServers.bellhop).toEqual({
    type: 'http',
    url: `${origin}/mcp`,
    headers,
  })
  const desktop = await typed(relay, 'mcp', 'install', 'claude-desktop', '--http')
  expect(desktop).toMatchObject({ exitCode: 1 })
  const desk = await deskOf(dataDir, origin)
  expect(await mcpSetup.list({ dataDir, desk })).toHaveLength(1)
})
