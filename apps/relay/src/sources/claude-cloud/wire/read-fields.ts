import { BOUNDS } from '@bellhop/core'
import type { Fields } from '../cloud-api.ts'
import { asFields, parseJson } from './answer.ts'

/** Readers of fields that come as one type here and as another there; what cannot be read is absent. */

/** Text without NUL, which no store and no screen takes. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  const text = value.replaceAll('\u0000', '')
  return text === '' ? undefined : text
}

/** The first line that says something, at most as long as a line may be. */
export const lineOf = (value: unknown): string | undefined => {
  for (const line of textOf(value)?.split(/\r\n|[\r\n\u2028\u2029]/) ?? []) {
    const trimmed = line.trim()
    if (trimmed !== '') return trimmed.slice(0, BOUNDS.line)
  }
  return undefined
}

/** A number that also comes as text. */
export const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** A sequence number: whole, from 0 on. */
export const sequenceOf = (value: unknown): number | undefined => {
  const number = numberOf(value)
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** Years of more than four digits are written in another way, which nobody reads. */
const AFTER_LAST_MS = Date.UTC(10_000, 0)

/** A moment: RFC 3339 with any number of digits after the second. */
export const timeOf = (value: unknown): number | undefined => {
  if (typeof value !== 'string') return undefined
  const ms = Date.parse(value.replace(/(\.\d{3})\d+/, '$1'))
  return ms >= 0 && ms < AFTER_LAST_MS ? ms : undefined
}

/** An object that also comes as the text of one. */
export const fieldsOf = (value: unknown): Fields | undefined =>
  asFields(typeof value === 'string' && value.startsWith('{') ? parseJson(value) : value)

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Only what is there, for types whose optional fields are absent and never undefined. */
export const present = <Shape extends object>(
  shape: Shape,
): { [Name in keyof Shape]?: Exclude<Shape[Name], undefined> } =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Shape]?: Exclude<Shape[Name], undefined>
  }
