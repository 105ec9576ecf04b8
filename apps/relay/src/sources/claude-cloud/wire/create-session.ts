import type { Timing } from '../../../clock.ts'
import type { CloudApi, Fields, Suffix } from '../cloud-api.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { asFields } from './answer.ts'
import type { CloudHttp } from './cloud-http.ts'
import { retryOnce } from './retry-once.ts'
import { readSuffix } from './session-id.ts'

type CreateRequest = Parameters<CloudApi['create']>[0]

/** It takes some eight seconds, and more when a machine has to start first. */
const TIME_LIMIT_MS = 60_000

/** `owner/name` as rows tell it, or an address as it is. */
const repositoryUrl = (repository: string): string =>
  /^[\w.-]+\/[\w.-]+$/.test(repository) ? `https://github.com/${repository}` : repository

const bodyOf = (request: CreateRequest): Fields => {
  const { title, environmentId, firstMessage, repository, branch, model, permissionMode } = request
  return {
    title,
    environment_id: environmentId,
    config: {
      ...(model !== undefined && { model }),
      ...(repository !== undefined && {
        sources: [
          {
            type: 'git_repository',
            url: repositoryUrl(repository),
            ...(branch !== undefined && { revision: branch }),
          },
        ],
      }),
    },
    ...(permissionMode !== undefined && { permission_mode: permissionMode }),
    events: [
      {
        event_type: 'user',
        payload: {
          type: 'user',
          uuid: firstMessage.uuid,
          parent_tool_use_id: null,
          message: { role: 'user', content: firstMessage.text },
        },
      },
    ],
  }
}

/** Starts a session with its first message; the same message’s uuid starts it once. */
export const createSession = async (
  { http, timing }: { http: CloudHttp; timing: Timing },
  request: CreateRequest,
  signal: AbortSignal,
): Promise<Suffix> => {
  const answer = asFields(
    await retryOnce(timing, signal, () =>
      http.call(
        {
          route: 'POST /v1/code/sessions',
          path: '/v1/code/sessions',
          method: 'POST',
          body: bodyOf(request),
          timeLimitMs: TIME_LIMIT_MS,
        },
        signal,
      ),
    ),
  )
  const session = asFields(answer?.session) ?? asFields(answer?.response_shape) ?? answer
  const suffix = readSuffix(session?.id)
  if (suffix !== undefined) return suffix
  throw new CloudFailure(
    'unreachable',
    'Anthropic’s server did not say which session it started; look for it in the list.',
    { maybeDone: true },
  )
}
