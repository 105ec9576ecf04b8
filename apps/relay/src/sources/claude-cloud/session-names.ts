import type { SessionId } from '@bellhop/core'
import type { Suffix } from './cloud-api.ts'

const PREFIX = 'ses_cloud-'

/** What a session is called here; the same for both of its spellings upstream. */
export const sessionIdOf = (suffix: Suffix): SessionId => `${PREFIX}${suffix}` as SessionId

/** Which session upstream an id stands for; undefined for ids that stand for none. */
export const suffixOf = (sessionId: SessionId): Suffix | undefined =>
  sessionId.startsWith(PREFIX) ? sessionId.slice(PREFIX.length) : undefined

/** Whether an id from upstream can be a part of ours. */
export const isSuffix = (text: string): text is Suffix => /^[A-Za-z0-9_-]{1,100}$/.test(text)
