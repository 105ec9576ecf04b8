import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { buildCommands, readImage } from './dockerfile.ts'

const repo = resolve(import.meta.dirname, '../..')
const image = readImage()

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

test('the image holds the build and nothing else, and runs as nobody special', () => {
  expect(buildCommands().at(-1)).toBe('npx -y pnpm@12 build')
  expect(image.copies).toEqual([{ from: '/src/dist', to: '/bellhop' }])
  expect(image.otherCopies).toEqual([])
  expect(image.user).not.toBe('root')
  expect(image.volumes).toEqual([image.env.BELLHOP_DATA_DIR])
})

describe('what the image’s steps make, started with plain Node', () => {
  // The image’s file system: an absolute path in the Dockerfile stands below this folder.
  const root = mkdtempSync(join(tmpdir(), 'bellhop-image-'))
  const inImage = (word: string) => (word.startsWith('/') ? join(root, word) : word)
  const run = (words: readonly string[]) => {
    const [program = '', ...args] = words.map(inImage)
    return { program: program === 'node' ? process.execPath : program, args }
  }
  let env: NodeJS.ProcessEnv
  let url: string
  let relay: ChildProcess
  let said = ''

  beforeAll(async () => {
    const build = ['scripts/build.ts', '--out', join(root, 'src/dist')]
    mkdirSync(join(root, 'src'), { recursive: true })
    const built = spawnSync(process.execPath, build, { cwd: repo, encoding: 'utf8' })
    expect(built.stderr + built.stdout).toBe('')
    for (const { from, to } of image.copies) {
      cpSync(inImage(from), inImage(to), { recursive: true })
    }
    rmSync(join(root, 'src'), { recursive: true })

    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    env = {
      ...Object.fromEntries(Object.entries(image.env).map(([k, v]) => [k, inImage(v)])),
      BELLHOP_HOST: '127.0.0.1',
      BELLHOP_PORT: `${port}`,
      HOME: root,
      PATH: '/usr/bin:/bin',
    }
    const { program, args } = run(image.command)
    relay = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    relay.stdout?.on('data', (chunk) => {
      said += chunk
    })
    relay.stderr?.on('data', (chunk) => {
      said += chunk
    })
    await until(
      () =>
        fetch(`${url}/healthz`)
          .then(({ ok }) => ok)
          .catch(() => false),
      {
        what: `an answer from the relay, which said: ${said}`,
      },
    )
  }, 120_000)

  afterAll(async () => {
    if (relay.exitCode === null) {
      relay.kill('SIGTERM')
      await once(relay, 'exit')
    }
    rmSync(root, { recursive: true, force: true })
  })

  test('no node_modules are in reach of it', () => {
    for (let folder = join(root, 'bellhop'); folder !== dirname(folder); folder = dirname(folder)) {
      expect(existsSync(join(folder, 'node_modules'))).toBe(false)
    }
    const names = readdirSync(join(root, 'bellhop'), { recursive: true }).map(String)
    expect(names.filter((name) => name.includes('node_modules'))).toEqual([])
  })

  test('it answers the app, packed for the line', async () => {
    const page = await fetch(url)
    expect(page.headers.get('content-type')).toContain('text/html')
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1]
    const loaded = await fetch(url + script, { headers: { 'accept-encoding': 'br' } })
    expect(loaded.status).toBe(200)
    expect(loaded.headers.get('content-encoding')).toBe('br')
  })

  test('the image’s health check is content with it', () => {
    const { program, args } = run(image.healthcheck)
    expect(spawnSync(program, args, { env, timeout: 10_000 }).status).toBe(0)
  })

  test('its other commands find it', () => {
    const { program, args } = run([...image.command.slice(0, 2), 'devices', '--json'])
    const listed = spawnSync(program, args, { env, encoding: 'utf8', timeout: 10_000 })
    expect(listed.stderr).toBe('')
    expect(JSON.parse(listed.stdout)).toEqual({ devices: [] })
  })

  test('[MC-10] it lets an agent in and answers it at /mcp', async () => {
    const add = ['mcp', 'add', '--name', 'desktop', '--show-token', '--json']
    const { program, args } = run([...image.command.slice(0, 2), ...add])
    const added = spawnSync(program, args, { env, encoding: 'utf8', timeout: 10_000 })
    expect(added.stderr).toBe('')
    const { token } = JSON.parse(added.stdout)
    const answer = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'test', version: '1' },
        },
      }),
    })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('"name":"bellhop"')
  })

  test('on SIGTERM it drains, ends with 0 and leaves no runtime file', async () => {
    relay.kill('SIGTERM')
    const [code] = await once(relay, 'exit')
    expect(code).toBe(0)
    expect(readdirSync(join(root, 'data'))).not.toContain('relay.json')
  })
})
