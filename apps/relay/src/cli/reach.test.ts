import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readAnswers } from './answers.ts'
import { selfCheck, settleReach } from './reach.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellhop-reach-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const name = 'desk.example.ts.net'
const loggedIn = { BackendState: 'Running', Self: { DNSName: `${name}.` }, CertDomains: [name] }

/** A stand-in for the `tailscale` program that answers from files and writes down what it was told. */
const installTailscale = (status: object, served: object = {}, exitCode = 0) => {
  writeFileSync(join(folder, 'status'), JSON.stringify(status))
  writeFileSync(join(folder, 'served'), JSON.stringify(served))
  const script = `#!/bin/sh
echo "$*" >> ${folder}/calls
case "$*" in
  'status --json') cat ${folder}/status ;;
  'serve status --json') cat ${folder}/served ;;
  *) echo refused >&2; exit ${exitCode} ;;
esac
`
  writeFileSync(join(folder, 'tailscale'), script)
  chmodSync(join(folder, 'tailscale'), 0o755)
}
const calls = () =>
  existsSync(join(folder, 'calls'))
    ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
    : []

const settle = (ask?: () => Promise<boolean>, publicUrl: string | null = null) =>
  settleReach(
    { publicUrl, port: 8787, dataDir: folder },
    { PATH: `${folder}:/usr/bin:/bin` },
    ask && (() => ask()),
  )
const yes = () => Promise.resolve(true)
const no = () => Promise.resolve(false)
const serves = (port: number, proxy: string) => ({
  TCP: { [port]: { HTTPS: true } },
  Web: { [`${name}:${port}`]: { Handlers: { '/': { Proxy: proxy } } } },
})

describe('the way in', () => {
  test('an address that was named is taken, and Tailscale is not even looked at', async () => {
    installTailscale(loggedIn)
    expect((await settle(yes, 'https://bell.example')).publicUrl).toBe('https://bell.example')
    expect(calls()).toEqual([])
  })

  test('without Tailscale there is only this machine', async () => {
    expect((await settle(yes)).publicUrl).toBeNull()
  })

  test('where Tailscale is logged in, it serves after a yes, and what was added is taken out', async () => {
    installTailscale(loggedIn)
    const reach = await settle(yes)
    expect(reach.publicUrl).toBe(`https://${name}`)
    expect(calls().at(-1)).toBe('serve --bg --yes --https=443 http://127.0.0.1:8787')
    await reach.undo()
    expect(calls().at(-1)).toBe('serve --https=443 off')
  })

  test('what others serve is left alone: the next free port is taken', async () => {
    installTailscale(loggedIn, serves(443, 'http://127.0.0.1:3000'))
    expect((await settle(yes)).publicUrl).toBe(`https://${name}:8443`)
    expect(calls().filter((call) => call.includes('443 off'))).toEqual([])
  })

  test('a way left by a run that was killed is taken over', async () => {
    installTailscale(loggedIn, serves(443, 'http://127.0.0.1:8787'))
    expect((await settle(yes)).publicUrl).toBe(`https://${name}`)
  })

  test('the address stays the same from start to start', async () => {
    installTailscale(loggedIn, serves(443, 'http://127.0.0.1:3000'))
    await settle(yes)
    installTailscale(loggedIn)
    expect((await settle(no)).publicUrl).toBe(`https://${name}:8443`)
  })

  test('a no is remembered and nobody is asked again', async () => {
    installTailscale(loggedIn)
    expect((await settle(no)).publicUrl).toBeNull()
    expect(await readAnswers(folder)).toMatchObject({ serve: { wanted: false } })
    const asked = await settle(() => Promise.reject(new TypeError('asked again')))
    expect(asked.publicUrl).toBeNull()
  })

  test('where nobody can be asked, nothing is set up', async () => {
    installTailscale(loggedIn)
    expect((await settle()).publicUrl).toBeNull()
    expect(calls()).toEqual([])
  })

  test.each([
    ['https is off in the tailnet', { ...loggedIn, CertDomains: null }, {}, 0, /https is off/],
    [
      'every port is taken',
      loggedIn,
      { TCP: { 443: {}, 8443: {}, 10000: {} } },
      0,
      /443, 8443 and 10000/,
    ],
    ['Tailscale refuses', loggedIn, {}, 1, /did not serve it: refused/],
  ])('when %s, it says why', async (_case, status, served, exitCode, why) => {
    installTailscale(status, served, exitCode)
    const reach = await settle(yes)
    expect(reach.publicUrl).toBeNull()
    expect(reach.problem).toMatch(why)
  })
})

describe('whether the public name leads here', () => {
  const listen = async (answer: string) => {
    const server = createServer((_request, response) => response.end(answer))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}`
    return { url, [Symbol.asyncDispose]: async () => void server.close() }
  }

  test('it does when the very relay answers', async () => {
    await using server = await listen('{"instanceId":"me"}')
    expect(await selfCheck(server.url, 'me')).toMatchObject({ state: 'answers' })
  })

  test.each(['{"instanceId":"other"}', '<h1>hello</h1>'])(
    'it does not when %s comes',
    async (text) => {
      await using server = await listen(text)
      expect(await selfCheck(server.url, 'me')).toEqual({ state: 'another' })
    },
  )

  test('silence is told with its cause', async () => {
    const closed = await listen('')
    await closed[Symbol.asyncDispose]()
    expect(await selfCheck(closed.url, 'me')).toEqual({ state: 'silent', why: 'ECONNREFUSED' })
  })
})
