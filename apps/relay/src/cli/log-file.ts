import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createLogger, type Logger } from '../logger.ts'

const MAX_BYTES = 5 * 1024 * 1024

/** Where the relay of a data folder writes what went wrong. */
export const logPath = (dataDir: string): string => join(dataDir, 'relay.log')

/**
 * A logger into the data folder: at most twice `MAX_BYTES` on disk [I6], readable by the owner only.
 * A disk that takes no more costs the line, not the relay.
 */
export const openLogFile = (dataDir: string, maxBytes = MAX_BYTES): Logger => {
  const path = logPath(dataDir)
  let bytes: number | undefined
  return createLogger((line) => {
    try {
      bytes ??= existsSync(path) ? statSync(path).size : 0
      if (bytes > maxBytes) {
        renameSync(path, `${path}.1`)
        bytes = 0
      }
      appendFileSync(path, `${line}\n`, { mode: 0o600 })
      bytes += line.length + 1
    } catch {
      bytes = undefined
    }
  })
}
