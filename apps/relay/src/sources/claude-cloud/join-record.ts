/** What is remembered of sessions that are shown as another one. Pure. */
import { check, type SessionId, sessionIdSchema } from '@bellhop/core'
import { fieldsOf, listOf, textOf } from '../../claude-format/lines.ts'
import type { Suffix } from './cloud-api.ts'
import { isSuffix } from './session-names.ts'

/** One session of the account that is the same run as a session of another source. */
export type Join = {
  into: SessionId
  /** What the other session was told this road adds; nothing while it adds nothing. */
  capabilities: readonly string[]
  tellsPrompts: boolean
  /** Whether a row of its own was told to be that one. */
  hidesRow: boolean
}

export type JoinRecord = {
  joins: Map<Suffix, Join>
  /** Counts what was told, so that each telling is told once. */
  told: number
}

export const writeJoins = ({ joins, told }: JoinRecord): string =>
  JSON.stringify({ joins: [...joins], told })

/** What was remembered; what cannot be read is left out, and told anew. */
export const readJoins = (text: string | undefined): JoinRecord => {
  const joins = new Map<Suffix, Join>()
  let saved: unknown
  try {
    saved = JSON.parse(text ?? '')
  } catch {
    return { joins, told: 0 }
  }
  const { joins: list, told } = fieldsOf(saved) ?? {}
  for (const entry of listOf(list)) {
    const [suffix, fields] = [listOf(entry)[0], fieldsOf(listOf(entry)[1])]
    const into = check(sessionIdSchema, fields?.into)
    if (typeof suffix !== 'string' || !isSuffix(suffix) || !fields || !into.ok) continue
    joins.set(suffix, {
      into: into.value,
      capabilities: listOf(fields.capabilities).flatMap((one) => textOf(one) ?? []),
      tellsPrompts: fields.tellsPrompts === true,
      hidesRow: fields.hidesRow === true,
    })
  }
  return { joins, told: typeof told === 'number' && Number.isSafeInteger(told) ? told : 0 }
}
