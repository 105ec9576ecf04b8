import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createPwaAssets } from './pwa-assets.ts'

const setup = async () => {
  const outside = await mkdtemp(join(tmpdir(), 'bellhop-assets-'))
  onTestFinished(() => rm(outside, { recursive: true, force: true }))
  const folder = join(outside, 'app')
  await mkdir(join(folder, 'assets'), { recursive: true })
  const write = (path: string, text: string) => writeFile(join(folder, path), text)
  await write('index.html', '<!doctype html>')
  await write('sw.js', '// worker')
  await write('assets/index-DxK3_a9Q.js', 'plain')
  await write('assets/index-DxK3_a9Q.js.br', 'brotli')
  await write('assets/index-DxK3_a9Q.js.gz', 'gzip')
  await write('assets/reader-Ab12Cd34.wasm', 'wasm')
  await write('manifest.webmanifest', '{}')
  await write('.env', 'SECRET=1')
  await writeFile(join(outside, 'secret.txt'), 'secret')
  await symlink(join(outside, 'secret.txt'), join(folder, 'link.txt'))
  const clock = { ms: 1_800_000_000_000, nowMs: () => clock.ms }
  const assets = createPwaAssets(folder, clock)
  const get = (path: string, headers: Record<string, string> = {}) =>
    assets.respond(path, new Headers(headers))
  return { assets, clock, get, write, folder }
}

test('[HT-6] each file comes with its type; hashed names are kept for good, all others asked for again', async () => {
  const { get } = await setup()
  const expected: [string, string, string][] = [
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/index.html', 'text/html; charset=utf-8', 'no-cache'],
    ['/sw.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/manifest.webmanifest', 'application/manifest+json; charset=utf-8', 'no-cache'],
    [
      '/assets/index-DxK3_a9Q.js',
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ],
    ['/assets/reader-Ab12Cd34.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
  ]
  for (const [path, type, cache] of expected) {
    const response = await get(path)
    expect(response?.headers.get('content-type'), path).toBe(type)
    expect(response?.headers.get('cache-control'), path).toBe(cache)
  }
})

test('[HT-6] nothing outside the folder, hidden in it, linked from it or of an unknown type is reached', async () => {
  const { get } = await setup()
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..\\secret.txt',
    '//etc/passwd',
    '/link.txt',
    '/.env',
    '/assets',
    '/assets/',
    '/index.html/',
    '/assets/index-DxK3_a9Q.js.br',
    '/index.html\u0000.png',
    '/__proto__',
  ]) {
    expect(await get(path), path).toBeUndefined()
  }
})

test('[HT-6] a packed copy is sent to those who take it', async () => {
  const { get } = await setup()
  const body = async (accepted: string) => {
    const response = await get('/assets/index-DxK3_a9Q.js', { 'accept-encoding': accepted })
    return [await response?.text(), response?.headers.get('content-encoding')]
  }
  expect(await body('gzip, deflate, br')).toEqual(['brotli', 'br'])
  expect(await body('gzip')).toEqual(['gzip', 'gzip'])
  expect(await body('')).toEqual(['plain', null])
})

test('[HT-6] what has not changed is not sent again, what has is, and new files are found', async () => {
  const { clock, get, write } = await setup()
  const etag = (await get('/'))?.headers.get('etag') ?? ''
  expect((await get('/', { 'if-none-match': etag }))?.status).toBe(304)
  await write('index.html', '<!doctype html><p>new')
  await write('assets/index-NewNew00.js', 'new')
  expect((await get('/', { 'if-none-match': etag }))?.status).toBe(200)
  expect(await get('/assets/index-NewNew00.js')).toBeUndefined()
  clock.ms += 2_000
  expect(await get('/assets/index-NewNew00.js')).toBeDefined()
})

test('[HT-6] without a built app there is simply nothing', async () => {
  for (const folder of [null, '/nonexistent/bellhop']) {
    const assets = createPwaAssets(folder, { nowMs: () => 1_800_000_000_000 })
    expect(await assets.isBuilt()).toBe(false)
    expect(await assets.respond('/', new Headers())).toBeUndefined()
  }
})
