import { expect, test } from 'vitest'
import { makeConfig } from './config.ts'
import { readEnv } from './env.ts'

const env = (more: Record<string, string> = {}) =>
  readEnv({ HOME: '/home/ada', PATH: '/bin', ...more })
const why = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    return (error as { details?: { why?: string } }).details?.why ?? String(error)
  }
  return 'nothing refused'
}

test('[I6] defaults: loopback, port 8787, the data home of the person', () => {
  expect(makeConfig({}, env())).toMatchObject({
    host: '127.0.0.1',
    port: 8787,
    publicUrl: null,
    dataDir: '/home/ada/.local/share/bellhop',
  })
  expect(makeConfig({}, env({ XDG_DATA_HOME: '/data' })).dataDir).toBe('/data/bellhop')
})

test('[PR-1] a public address is https and has no path, or it is refused with a sentence', () => {
  expect(makeConfig({ publicUrl: 'https://desk.example.ts.net/' }, env()).publicUrl).toBe(
    'https://desk.example.ts.net',
  )
  expect(makeConfig({ publicUrl: 'http://127.0.0.1:9000' }, env()).publicUrl).toBe(
    'http://127.0.0.1:9000',
  )
  expect(why(() => makeConfig({ publicUrl: 'http://desk.lan' }, env()))).toContain('https://')
  expect(why(() => makeConfig({ publicUrl: 'https://desk.lan/bellhop' }, env()))).toContain(
    'without a path',
  )
  expect(why(() => makeConfig({ publicUrl: 'desk' }, env()))).toContain('not an address')
})

test('[ER-1] a port that is none is refused', () => {
  expect(why(() => makeConfig({ port: 'eighty' }, env()))).toContain('whole number')
  expect(why(() => makeConfig({ port: '99999' }, env()))).toContain('65535')
})

test('[I12] the session API can be looked for elsewhere on this machine alone, because the login goes there', () => {
  const cloudUrl = (url: string) => () => makeConfig({}, env({ BELLHOP_CLOUD_URL: url }))
  expect(cloudUrl('http://127.0.0.1:4100')().cloud).toEqual({
    isOn: false,
    url: 'http://127.0.0.1:4100',
  })
  expect(makeConfig({}, env()).cloud.url).toBeNull()
  for (const url of [
    'https://api.example.com',
    'http://10.0.0.4',
    'http://127.0.0.1.example.com',
    'http://localhost@example.com',
    'https://127.0.0.1',
    'nowhere',
  ]) {
    expect(why(cloudUrl(url))).toContain('this machine itself')
  }
})
