import { expect, test } from 'vitest'
import { uuidFor } from './event-ids.ts'

test('[A-43] the same command comes to the same uuid in every run, another use or command to another', () => {
  const uuid = uuidFor('cmd_abcdefgh', 'message')
  expect(uuid).toBe('4831e8d7-54b9-4609-9e71-21d2cbef7c55')
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(uuidFor('cmd_abcdefgh', 'answer')).not.toBe(uuid)
  expect(uuidFor('cmd_abcdefgi', 'message')).not.toBe(uuid)
})
