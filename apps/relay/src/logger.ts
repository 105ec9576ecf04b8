import { plainJson } from './plain-json.ts'

/** One line of the relay’s own log. Fields never hold a token, a proof, a prompt or file content. [I12] */
export type LogEntry = {
  at: string
  level: 'info' | 'warn' | 'error'
  part: string
  what: string
} & Readonly<Record<string, unknown>>

export interface Logger {
  info(what: string, fields?: Readonly<Record<string, unknown>>): void
  warn(what: string, fields?: Readonly<Record<string, unknown>>): void
  error(what: string, fields?: Readonly<Record<string, unknown>>): void
  /** A logger for a part of the relay. */
  part(name: string): Logger
}

const SECRET_NAMES = /authorization|dpop|token|secret|mac|proof|password|api.?key|prompt|env/i

const redact = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      SECRET_NAMES.test(name)
        ? '[redacted]'
        : value instanceof Error
          ? (value.stack ?? value.message)
          : value,
    ]),
  )

/** Writes entries as one JSON object a line; fields whose names speak of secrets are covered. */
export const createLogger = (
  write: (line: string) => void,
  part = 'relay',
  nowMs: () => number = Date.now,
): Logger => {
  const log =
    (level: LogEntry['level']) =>
    (what: string, fields: Readonly<Record<string, unknown>> = {}) =>
      write(
        plainJson({
          at: new Date(nowMs()).toISOString(),
          level,
          part,
          what,
          ...redact(fields),
        }),
      )
  return {
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    part: (name) => createLogger(write, name, nowMs),
  }
}

export const silentLogger: Logger = createLogger(() => {})
