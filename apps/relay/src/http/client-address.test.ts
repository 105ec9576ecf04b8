import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

const from = (peer: string | undefined, headers: Record<string, string> = {}) =>
  clientAddress(peer, new Headers(headers))

test('[HT-5] what a header says of the address counts only from a proxy on this machine', () => {
  expect(from('203.0.113.9', { 'x-forwarded-for': '198.51.100.1' })).toBe('203.0.113.9')
  expect(from('127.0.0.1', { 'x-forwarded-for': '198.51.100.1' })).toBe('198.51.100.1')
  expect(from('::ffff:127.0.0.1', { 'cf-connecting-ip': '198.51.100.2' })).toBe('198.51.100.2')
  expect(from('127.0.0.1')).toBe('127.0.0.1')
  expect(from(undefined)).toBe('unknown')
})

test('[HT-5] only the entry the proxy added itself is believed, so that nobody can choose theirs', () => {
  expect(from('127.0.0.1', { 'x-forwarded-for': '1.2.3.4, 5.6.7.8, 203.0.113.9' })).toBe(
    '203.0.113.9',
  )
  expect(
    from('127.0.0.1', { 'x-forwarded-for': '203.0.113.9', 'cf-connecting-ip': '1.2.3.4' }),
  ).toBe('203.0.113.9')
  expect(from('127.0.0.1', { 'x-forwarded-for': 'x'.repeat(5000) })).toBe('127.0.0.1')
})

test('[HT-5] all addresses of one IPv6 network are one caller', () => {
  const network = from('2001:db8:1:2::1')
  expect(from('2001:db8:1:2:3:4:5:6')).toBe(network)
  expect(from('2001:db8:1:3::1')).not.toBe(network)
  expect(from('2001:db8::1')).toBe(from('2001:db8:0:0:ffff::'))
})
