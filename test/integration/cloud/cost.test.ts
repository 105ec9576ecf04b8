import { expect, test } from 'vitest'
import { playCloudHour } from '../../bench/cloud-hour.ts'

test('an hour with thirty sessions, two at work, asks fifty times less than polling each [A-41] [I6]', {
  timeout: 60_000,
}, async () => {
  const { requests, polledRequests, kinds } = await playCloudHour()
  expect(polledRequests).toBe(72_000)
  expect(polledRequests / requests, JSON.stringify(kinds)).toBeGreaterThanOrEqual(50)
})
