const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const startOfDay = (time: number) => new Date(time).setHours(0, 0, 0, 0)

/** The clock time, without a leading zero: `9:12`. */
export function clock(time: number, withSeconds = false): string {
  const date = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  const text = `${date.getHours()}:${two(date.getMinutes())}`
  return withSeconds ? `${text}:${two(date.getSeconds())}` : text
}

/** How long ago: `now`, `4 min` up to an hour, then the clock, then the day of the week, then the date. */
export function ago(time: number, now: number): string {
  const past = now - time
  if (past < MINUTE_MS) return 'now'
  if (past < HOUR_MS) return `${Math.floor(past / MINUTE_MS)} min`
  return moment(time, now)
}

/** A moment as briefly as it stays clear: the clock today, the weekday within a week, else the date. */
export function moment(time: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(time)) / DAY_MS)
  if (days <= 0) return clock(time)
  if (days < 7) return new Date(time).toLocaleDateString('en', { weekday: 'short' })
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear()
  return new Date(time).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  })
}

/** How long something has run: `3 s`, `6 min 12 s`, `1 h 4 min`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** How long something took, to a tenth while that still tells: `1.8 s`, `6 min 12 s`. */
export function took(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : elapsed(ms)
}

/** What is left, as a countdown: `4:12`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
