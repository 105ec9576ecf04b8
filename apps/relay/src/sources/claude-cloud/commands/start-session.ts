import { bareWords, RelayError, type SessionId, type StartRequest } from '@bellhop/core'
import type { Timing } from '../../../clock.ts'
import type { CloudApi, Suffix } from '../cloud-api.ts'
import { tryCall } from './bounded-tries.ts'
import { uuidFor } from './event-ids.ts'
import { placeIdOf } from './places.ts'
import { doubtOf, refusal } from './refusals.ts'

export type StartParts = {
  api: Pick<CloudApi, 'environments' | 'create'>
  timing: Timing
  /** Takes up a session that was just made; resolves once it is in the log. */
  takeUp(suffix: Suffix, signal: AbortSignal): Promise<SessionId>
}

const titleChars = 80

/** The first words of the first message, for a session nobody named. */
const titleFrom = (text: string): string => {
  const words = text.replaceAll(/\s+/g, ' ').trim()
  if (words.length <= titleChars) return words
  return `${words.slice(0, titleChars - 1).toWellFormed()}…`
}

/** An address a machine in the cloud can fetch from; the short form of people is one at GitHub. */
const addressOf = (repository: string): string => {
  const text = repository.trim()
  if (/^[\w.-]+\/[\w.-]+$/.test(text)) return `https://github.com/${text}`
  if (/^(https:\/\/|ssh:\/\/|git@)\S+$/.test(text) && !/^https:\/\/[^/]*@/.test(text)) return text
  throw refusal(
    'source_refused',
    'That is not the address of a repository. Write owner/name, or its https address without a password.',
  )
}

/**
 * Starts a session in an environment. The same command again gives the same session, also after a
 * restart: its first message has the same uuid, which the server makes one session of. [A-88] [CM-1]
 */
export const startSession = async (
  request: StartRequest,
  { api, timing, takeUp }: StartParts,
  signal: AbortSignal,
): Promise<SessionId> => {
  const { commandId, placeId, text, title, repository, branch, model, permissionMode } = request
  const environments = await tryCall(() => api.environments(signal), timing, signal)
  const environment = environments.find(
    ({ environmentId, isActive }) => isActive && placeIdOf(environmentId) === placeId,
  )
  if (!environment) throw new RelayError('place_unknown', { placeId })
  const takesRepository = environment.kind !== 'bridge'
  if (takesRepository && !repository?.trim()) {
    throw refusal('source_refused', 'A session there works on a repository. Name one.')
  }
  const suffix = await tryCall(
    () =>
      api.create(
        {
          title: title?.trim() || titleFrom(bareWords(text)),
          environmentId: environment.environmentId,
          firstMessage: { uuid: uuidFor(commandId, 'message'), text },
          ...(takesRepository && repository && { repository: addressOf(repository) }),
          ...(takesRepository && branch?.trim() && { branch: branch.trim() }),
          ...(model && { model }),
          ...(permissionMode && { permissionMode }),
        },
        signal,
      ),
    timing,
    signal,
  ).catch((error: unknown) => {
    const doubt = doubtOf(error)
    throw doubt === undefined ? error : refusal('source_unreachable', doubt, error)
  })
  return takeUp(suffix, signal)
}
