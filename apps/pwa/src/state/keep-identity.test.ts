import type { Transcript, TranscriptRow } from '@bellhop/core'
import { expect, test } from 'vitest'
import { keepIdentity } from './keep-identity.ts'

const row = (key: string, text: string, decision?: object) =>
  ({
    kind: 'agent',
    key,
    text,
    at: 'x',
    cursor: 'c',
    ...(decision && { decision }),
  }) as unknown as TranscriptRow
const transcript = (...rows: TranscriptRow[]): Transcript => ({
  rows,
  index: new Map(rows.map((one, at) => [one.key, at])),
})

test('rows that did not change keep being the same objects when older ones come in front', () => {
  const before = transcript(row('b', 'two', { by: 'me' }), row('c', 'three'))
  const after = keepIdentity(
    before,
    transcript(row('a', 'one'), row('b', 'two', { by: 'me' }), row('c', 'changed')),
  )
  expect(after.rows[1]).toBe(before.rows[0])
  expect(after.rows[2]).not.toBe(before.rows[1])
})
