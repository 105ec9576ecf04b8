import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installClient } from './client-config.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'bellhop-clients-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const server = { command: '/usr/bin/node', args: ['/b.js', 'mcp', '--as', 'x'] }
const install = (client: string, more: Partial<Parameters<typeof installClient>[0]> = {}) =>
  installClient({ client, server, env: { HOME: home }, print: false, platform: 'linux', ...more })

const PATHS = {
  'claude-code': '.claude.json',
  'claude-desktop': '.config/Claude/claude_desktop_config.json',
  cursor: '.cursor/mcp.json',
  vscode: '.config/Code/User/mcp.json',
}

for (const [client, path] of Object.entries(PATHS)) {
  test(`[MC-8] ${client} gets the server beside what its file holds, with a backup, once`, async () => {
    const file = join(home, path)
    const key = client === 'vscode' ? 'servers' : 'mcpServers'
    const before = JSON.stringify({ theme: 'dark', [key]: { other: { command: 'x' } } })
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, before)
    const done = await install(client)
    expect(done).toMatchObject({ path: file, isChanged: true, backup: `${file}.before-bellhop` })
    const typed = ['claude-code', 'vscode'].includes(client) ? { type: 'stdio' } : {}
    const whole = JSON.parse(await readFile(file, 'utf8'))
    expect(whole).toEqual({
      theme: 'dark',
      [key]: { other: { command: 'x' }, bellhop: { ...typed, ...server } },
    })
    expect(await readFile(done.backup ?? '', 'utf8')).toBe(before)
    const { mtimeMs } = await stat(file)
    expect(await install(client)).toMatchObject({ isChanged: false })
    expect((await stat(file)).mtimeMs).toBe(mtimeMs)
    expect(await readFile(done.backup ?? '', 'utf8')).toBe(before)
  })
}

test('[MC-8] each system keeps them elsewhere, and nothing is guessed without a home folder', async () => {
  const pathFor = async (client: string, platform: NodeJS.Platform, env: object = {}) => {
    const { path } = await install(client, {
      ...{ platform, print: true, env: { USERPROFILE: home, ...env } },
    })
    return path.slice(home.length + 1)
  }
  const onMac = 'Library/Application Support'
  expect(await pathFor('claude-desktop', 'darwin')).toBe(
    `${onMac}/Claude/claude_desktop_config.json`,
  )
  expect(await pathFor('vscode', 'darwin')).toBe(`${onMac}/Code/User/mcp.json`)
  expect(await pathFor('vscode', 'linux', { XDG_CONFIG_HOME: join(home, 'x') })).toBe(
    'x/Code/User/mcp.json',
  )
  expect(await pathFor('vscode', 'win32', { APPDATA: join(home, 'r') })).toBe(
    'r/Code/User/mcp.json',
  )
  expect(await pathFor('cursor', 'win32')).toBe('.cursor/mcp.json')
  const plain = 'AppData/Roaming/Claude/claude_desktop_config.json'
  expect(await pathFor('claude-desktop', 'win32')).toBe(plain)
  const own = 'AppData/Local/Packages/Claude_abc/LocalCache/Roaming/Claude'
  await mkdir(join(home, own), { recursive: true })
  expect(await pathFor('claude-desktop', 'win32')).toBe(`${own}/claude_desktop_config.json`)
  await expect(install('cursor', { env: {} })).rejects.toMatchObject({ code: 'config_invalid' })
})

test('[MC-8] where there is no file one is made, and print makes none', async () => {
  const shown = await install('cursor', { print: true })
  expect(JSON.parse(shown.text)).toEqual({ mcpServers: { bellhop: server } })
  expect(await readdir(home)).toEqual([])
  expect(await install('cursor')).toMatchObject({ isChanged: true })
  expect(await readFile(join(home, '.cursor/mcp.json'), 'utf8')).toBe(shown.text)
  const mac = await install('vscode', { print: true, platform: 'darwin' })
  expect(mac.path).toBe(join(home, 'Library/Application Support/Code/User/mcp.json'))
})

test('[MC-8] a file that is kept elsewhere by a link stays there, as open as it was', async () => {
  const kept = join(home, 'kept.json')
  const file = join(home, '.claude.json')
  await writeFile(kept, '{}')
  await chmod(kept, 0o640)
  await symlink(kept, file)
  await install('claude-code')
  expect((await lstat(file)).isSymbolicLink()).toBe(true)
  expect((await stat(kept)).mode & 0o777).toBe(0o640)
  expect(await readFile(kept, 'utf8')).toContain('bellhop')
})

test('[MC-8] a file that cannot be read as it should be is left alone', async () => {
  const file = join(home, '.claude.json')
  for (const text of ['{ "a": 1, // why\n}', '[]', '{"mcpServers": 7}']) {
    await writeFile(file, text)
    await expect(install('claude-code')).rejects.toMatchObject({
      code: 'config_invalid',
      details: { file },
    })
    expect(await readFile(file, 'utf8')).toBe(text)
  }
  expect(await readdir(home)).toEqual(['.claude.json'])
  await expect(install('emacs')).rejects.toMatchObject({ code: 'config_invalid' })
})

test('[MC-8] [MC-9] clients that take an address get it with the token, in a file made private', async () => {
  const http = { url: 'http://127.0.0.1:8787/mcp', token: 'bhm_x' }
  const headers = { Authorization: 'Bearer bhm_x' }
  for (const client of ['claude-code', 'cursor', 'vscode'] as const) {
    const file = join(home, PATHS[client])
    await install(client)
    await chmod(file, 0o644)
    const done = await install(client, { server: http })
    expect(done.isChanged).toBe(true)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const whole = JSON.parse(await readFile(file, 'utf8'))
    const typed = client === 'cursor' ? {} : { type: 'http' }
    const key = client === 'vscode' ? 'servers' : 'mcpServers'
    expect(whole[key].bellhop).toEqual({ ...typed, url: http.url, headers })
    expect(await install(client, { server: http })).toMatchObject({ isChanged: false })
    // Going back leaves no token behind but in the backup, which is as private.
    const back = await install(client)
    expect(await readFile(file, 'utf8')).not.toContain('bhm_')
    expect((await stat(back.backup ?? '')).mode & 0o777).toBe(0o600)
  }
  await expect(install('claude-desktop', { server: http })).rejects.toMatchObject({
    code: 'config_invalid',
    details: { why: expect.stringContaining('without --http') },
  })
})
