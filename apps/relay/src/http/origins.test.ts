import { expect, test } from 'vitest'
import { createOrigins } from './origins.ts'

const PUBLIC = 'https://desk.example.ts.net'
const origins = createOrigins(() => [PUBLIC, 'https://bell.example.org:8443'])

test('[HT-1] loopback and the public hosts are known, a LAN address is told apart, the rest is unknown', () => {
  const kinds = {
    known: [
      'localhost:8787',
      'LOCALHOST',
      '127.0.0.1:8787',
      '[::1]:8787',
      'desk.example.ts.net',
      'Desk.Example.TS.net:443',
      'bell.example.org:8443',
    ],
    lan: ['192.168.1.20:8787', '10.0.0.5', '[fe80::1]:8787', 'mymac.local:8787'],
    unknown: [
      '',
      'evil.test',
      'desk.example.ts.net.evil.test',
      'desk.example.ts.net:8443',
      'bell.example.org',
      'localhost.evil.test',
      'localhost:8787@evil.test',
      '127.0.0.1.nip.io',
      'xlocalhost',
      'localhost:8787, evil.test',
    ],
  }
  for (const [kind, hosts] of Object.entries(kinds)) {
    for (const host of hosts) expect([host, origins.hostKind(host)]).toEqual([host, kind])
  }
})

test('[AU-3] a call under a public host is signed for a public origin, one under loopback may be for either', () => {
  expect(origins.of('desk.example.ts.net')).not.toContain('http://desk.example.ts.net')
  expect(origins.of('localhost:8787')).toEqual([
    PUBLIC,
    'https://bell.example.org:8443',
    'http://localhost:8787',
  ])
})

test('[HT-3] https is known by the public origin, whatever carries the call inside', () => {
  expect(origins.isHttps('desk.example.ts.net')).toBe(true)
  expect(origins.isHttps('localhost:8787')).toBe(false)
})
