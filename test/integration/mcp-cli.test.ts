import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from '../../apps/relay/src/cli/run-cli.ts'
import { mcpSetup } from '../../apps/relay/src/mcp/mcp-setup.ts'
import { createDrawnTerminal } from '../support/drawn-terminal.ts'
import { deskOf, readJson } from '../support/mcp-agent.ts'
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
  expect((await typed(relay, 'devices')).text).toContain('MCP client')
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
  expect(await typed(relay, 'mcp', 'install', 'emacs')).toMatchObject({ exitCode: 1 })
})
