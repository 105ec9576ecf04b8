import { type Cursor, randomSuffix } from '@bellhop/core'

/** A random name for a new log, so that a cursor of another one never fits by luck. [ST-1] */
export const newLogId = (): string => randomSuffix()

/** The place in a log after so many events. */
export const cursorAt = (logId: string, position: number): Cursor =>
  `${logId}.${position}` as Cursor

/** The position a cursor stands for, or `undefined` when it is of another log. */
export const positionOf = (logId: string, cursor: Cursor): number | undefined => {
  const dot = cursor.lastIndexOf('.')
  if (cursor.slice(0, dot) !== logId) return undefined
  const position = Number(cursor.slice(dot + 1))
  return Number.isSafeInteger(position) ? position : undefined
}
