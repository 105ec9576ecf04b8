import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newAgentToken } from '@bellhop/core'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../../apps/relay/src/logger.ts'
import { createRawPhone, type RawAnswer, rawRequest } from '../support/raw-phone.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const PUBLIC = 'https://desk.example.ts.net'

const appFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bellhop-edge-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'app', 'assets'), { recursive: true })
  await writeFile(join(folder, 'app', 'index.html'), '<!doctype html><title>Bellhop</title>')
  await writeFile(join(folder, 'app', 'assets', 'index-DxK3_a9Q.js'), 'export {}')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  return join(folder, 'app')
}

const pairedPhone = async (running: TestRelay) => {
  const phone = await createRawPhone(running.origin)
  const { publicKey, thumbprint } = phone.key
  await running.relay.devices.enrol({
    publicKey,
    thumbprint,
    name: 'Raw phone',
    platform: 'test',
    scopes: ['watch'],
    local: false,
  })
  return phone
}

test('[HT-1] a host the relay was not told of is refused before anything else, whatever is asked', async () => {
  await using running = await startRelay({
    config: { publicUrl: PUBLIC, appDir: await appFolder() },
  })
  const evil = [
    'evil.test',
    'desk.example.ts.net.evil.test',
    'localhost.evil.test',
    '169.254.1.1.nip.io',
  ]
  for (const host of evil) {
    for (const path of ['/', '/healthz', '/v1/relay', '/assets/index-DxK3_a9Q.js', '/nothing']) {
      const answer = await rawRequest(running.origin, { path, headers: { host } })
      expect(answer, `${host}${path}`).toMatchObject({ status: 421, code: 'host_refused' })
    }
    const posted = await rawRequest(running.origin, {
      method: 'POST',
      path: '/v1/pair',
      headers: { host },
      body: '{}',
    })
    expect(posted).toMatchObject({ status: 421, code: 'host_refused' })
  }
  for (const host of ['localhost', 'desk.example.ts.net', 'DESK.example.ts.net:443']) {
    const answer = await rawRequest(running.origin, { path: '/', headers: { host } })
    expect(answer.status, host).toBe(200)
  }
})

test('[HT-1] someone who opens the plain address in the local network reads what to do instead', async () => {
  await using running = await startRelay({ config: { appDir: await appFolder() } })
  for (const host of ['192.168.1.20:8787', 'mymac.local:8787']) {
    const page = await rawRequest(running.origin, { path: '/', headers: { host } })
    expect(page.status).toBe(421)
    expect(page.header('content-type')).toContain('text/html')
    expect(page.text).toContain('bellhop pair')
    expect(page.text).not.toContain('<script')
    const api = await rawRequest(running.origin, { path: '/v1/relay', headers: { host } })
    expect(api).toMatchObject({ status: 421, code: 'host_refused' })
  }
})

test('[HT-2] what another site’s page sends is refused, and no answer ever allows one', async () => {
  await using running = await startRelay({ config: { publicUrl: PUBLIC } })
  const phone = await pairedPhone(running)
  const body = JSON.stringify({ name: 'Changed' })
  const refusedWith = async (headers: Record<string, string>) => {
    const answer = await phone.call('renameSelf', { body, headers })
    expect(answer, JSON.stringify(headers)).toMatchObject({ status: 403, code: 'origin_refused' })
    expect(answer.header('access-control-allow-origin')).toBeUndefined()
  }
  await refusedWith({ origin: 'https://evil.test' })
  await refusedWith({ origin: 'null' })
  await refusedWith({ origin: 'http://localhost:3000' })
  await refusedWith({ origin: 'http://desk.example.ts.net' })
  await refusedWith({ 'sec-fetch-site': 'cross-site' })
  await refusedWith({ 'sec-fetch-site': 'same-site' })
  await refusedWith({ origin: running.origin, 'sec-fetch-site': 'cross-site' })
  const preflight = await rawRequest(running.origin, {
    method: 'OPTIONS',
    path: '/v1/device',
    headers: { origin: 'https://evil.test', 'access-control-request-method': 'POST' },
  })
  expect(preflight.status).toBe(403)
  expect(preflight.header('access-control-allow-origin')).toBeUndefined()

  for (const headers of [
    {},
    { origin: running.origin, 'sec-fetch-site': 'same-origin' },
    { origin: PUBLIC },
  ]) {
    expect(await phone.call('renameSelf', { body, headers })).toMatchObject({ status: 200 })
  }
})

test('[HT-3] every answer, also a refusal, comes with the strict headers', async () => {
  await using running = await startRelay({
    config: { publicUrl: PUBLIC, appDir: await appFolder() },
  })
  const answers: RawAnswer[] = [
    await rawRequest(running.origin, { path: '/' }),
    await rawRequest(running.origin, { path: '/assets/index-DxK3_a9Q.js' }),
    await rawRequest(running.origin, { path: '/nothing/here' }),
    await rawRequest(running.origin, { path: '/v1/relay' }),
    await rawRequest(running.origin, { path: '/healthz' }),
    await rawRequest(running.origin, { path: '/', headers: { host: 'evil.test' } }),
    await rawRequest(running.origin, { path: '/', headers: { host: '10.0.0.1' } }),
  ]
  for (const answer of answers) {
    const policy = answer.header('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).toContain('trusted-types solid sw')
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe-inline')
    expect(answer.header('cross-origin-opener-policy')).toBe('same-origin')
    expect(answer.header('cross-origin-resource-policy')).toBe('same-origin')
    expect(answer.header('referrer-policy')).toBe('no-referrer')
    expect(answer.header('x-content-type-options')).toBe('nosniff')
    expect(answer.header('permissions-policy')).toContain('camera=(self)')
    expect(answer.header('strict-transport-security')).toBeUndefined()
  }
  const secure = await rawRequest(running.origin, {
    path: '/',
    headers: { host: 'desk.example.ts.net' },
  })
  expect(secure.header('strict-transport-security')).toContain('max-age=')
  for (const path of ['/healthz', '/v1/relay', '/v1/nothing']) {
    const answer = await rawRequest(running.origin, { path })
    expect(answer.header('cache-control')).toBe('no-store')
    expect(answer.header('dpop-nonce'), path).toBeTruthy()
  }
})

test('[HT-4] a body that is too large, not JSON, or not what is taken is refused by its code', async () => {
  await using running = await startRelay()
  const phone = await pairedPhone(running)
  const large = JSON.stringify({ name: 'x'.repeat(256 * 1024) })
  expect(await phone.call('renameSelf', { body: large })).toMatchObject({
    status: 413,
    code: 'body_too_large',
  })
  for (const body of ['', '{', 'nonsense', '[]', 'null', '{"name":7}', '{"name":""}', '{}']) {
    expect(await phone.call('renameSelf', { body }), body).toMatchObject({
      status: 400,
      code: 'invalid_request',
    })
  }
  expect(await phone.call('renameSelf', { body: '{"name":"still works"}' })).toMatchObject({
    status: 200,
  })
})

test('[HT-6] nothing outside the app’s folder is reached, however the path is written', async () => {
  await using running = await startRelay({ config: { appDir: await appFolder() } })
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '//secret.txt',
    '/./../secret.txt',
  ]) {
    const answer = await rawRequest(running.origin, { path })
    expect([404, 400], path).toContain(answer.status)
    expect(answer.text).not.toBe('secret')
  }
  const script = await rawRequest(running.origin, { path: '/assets/index-DxK3_a9Q.js' })
  expect(script).toMatchObject({ status: 200, text: 'export {}' })
  expect(script.header('cache-control')).toContain('immutable')
})

test('[EP-1] an address that is no endpoint is `not_found`, and so is a method it does not have', async () => {
  await using running = await startRelay()
  for (const call of [
    { path: '/v1/nothing' },
    { path: '/v1/pair' },
    { method: 'DELETE', path: '/v1/devices' },
    { method: 'POST', path: '/' },
    { method: 'PUT', path: '/healthz' },
  ]) {
    const answer = await rawRequest(running.origin, call)
    expect(answer, JSON.stringify(call)).toMatchObject({ status: 404, code: 'not_found' })
  }
  const page = await rawRequest(running.origin, { path: '/nothing' })
  expect(page.status).toBe(404)
  expect(page.header('content-type')).toContain('text/html')
})

test('[ST-6] an open stream is not held back by caches or proxies, and starts at once', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  await until(() => phone.states.at(-1)?.state === 'live')
  const control = new AbortController()
  const response = await phone.client.stream({}, control.signal)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
  expect(response.headers.get('x-accel-buffering')).toBe('no')
  const first = await response.body?.getReader().read()
  expect(new TextDecoder().decode(first?.value)).toMatch(/^event: hello\n/)
  control.abort()
})

test('[ST-9] a relay that stops says so on its streams and does not wait for them', async () => {
  const running = await startRelay()
  const phone = await pairedPhone(running)
  const streaming = phone.call('stream', { body: '{}' })
  await until(() => running.relay.devices.byThumbprint(phone.key.thumbprint)?.lastSeenAt ?? false)
  // Its line is kept alive by the client, and nothing more is asked over it.
  const other = await running.phone()
  await other.sleep()
  const kept = await other.client.stream({}, new AbortController().signal)
  const before = performance.now()
  await running.stop()
  expect((await streaming).text).toMatch(/event: bye\ndata: \{"code":"relay_not_running"\}\n\n$/)
  expect(performance.now() - before).toBeLessThan(4_000)
  expect(await kept.text()).toContain('relay_not_running')
  await rm(running.dataDir, { recursive: true, force: true })
})

test('[ER-1] noise on the line is answered and hurts nobody', async () => {
  await using running = await startRelay()
  const { port } = new URL(running.origin)
  for (const noise of [
    'GARBAGE\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
    'GET http://evil.test/v1/relay HTTP/1.1\r\nHost: evil.test\r\n\r\n',
    'POST /v1/pair HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nab',
    `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n',
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.end(noise))
      socket.on('data', () => {})
      socket.on('close', () => resolve())
      socket.on('error', () => resolve())
    })
  }
  expect(await rawRequest(running.origin, { path: '/healthz' })).toMatchObject({ status: 200 })
})

test('[ER-1] a port that is taken is said to be', async () => {
  await using running = await startRelay()
  const port = Number(new URL(running.origin).port)
  await expect(startRelay({ config: { port } })).rejects.toMatchObject({
    code: 'port_taken',
    details: { port },
  })
})

test('[I12] [ER-2] a token put into an address by mistake is not in the log', async () => {
  const lines: string[] = []
  const logger = createLogger((line) => lines.push(line))
  await using relay = await startRelay({ overrides: { logger } })
  const token = newAgentToken()
  const path = `/v1/${token}`
  expect(await rawRequest(relay.origin, { method: 'POST', path })).toMatchObject({ status: 404 })
  expect(lines.some((line) => line.includes('"path":"/v1/'))).toBe(true)
  expect(lines.join()).not.toContain(token)
})
