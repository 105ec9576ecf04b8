import { playCloudHour } from './cloud-hour.ts'
import { median, percentile, type Row, row } from './row.ts'

/** What an hour of an account with thirty sessions, two of them at work, asks of the other side. */
export const benchCloudCost = async (): Promise<Row[]> => {
  const { requests, polledRequests, latenciesMs } = await playCloudHour()
  return [
    row('upstream requests in 1 h, 30 sessions, 2 active', requests, '', {
      atMost: polledRequests / 50,
    }),
    row('the same by polling each at 1.5 s', polledRequests, ''),
    row('times fewer', polledRequests / requests, '×', { atLeast: 50 }),
    row('event stored upstream to phone, active ones, median', median(latenciesMs), 'ms'),
    row('event stored upstream to phone, active ones, p95', percentile(latenciesMs, 0.95), 'ms', {
      atMost: 750,
    }),
  ]
}
