import { expect, test } from 'vitest'
import { readCode } from './read-code.ts'

const ORIGIN = 'https://desk.example.ts.net'
const LINK = `${ORIGIN}/#/p/1/AAAAAAAAAAAAAAAAAAAAAA/abcdefgh`

test('[PR-1] a scanned address gives its token and the key it names', () => {
  expect(readCode(LINK, ORIGIN)).toEqual({
    claim: { secret: { kind: 'token', token: 'AAAAAAAAAAAAAAAAAAAAAA' }, relayKeyId: 'abcdefgh' },
  })
})

test('a code of another relay leads there and is not sent here', () => {
  expect(readCode(LINK, 'https://other.example')).toEqual({ elsewhere: LINK })
})

test('a typed code is forgiven its spaces, its case and what eyes confuse', () => {
  expect(readCode(' k7qm 2xrt ', ORIGIN)).toMatchObject({
    claim: { secret: { code: 'K7QM-2XRT' } },
  })
  expect(readCode('K7QM-2XR', ORIGIN)).toEqual({})
  expect(readCode('https://example.org', ORIGIN)).toEqual({})
})
