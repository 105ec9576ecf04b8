import type { Environment, SkipCounter } from '../cloud-api.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { asFields } from './answer.ts'
import type { CloudHttp } from './cloud-http.ts'
import { readEnvironment } from './read-environment.ts'
import { listOf } from './read-fields.ts'

const PROVIDERS = '/v1/environment_providers'

/** The places sessions can be started in: by the short way, or by the organisation’s own. */
export const listEnvironments = async (
  { http, skips }: { http: CloudHttp; skips: SkipCounter },
  signal: AbortSignal,
): Promise<readonly Environment[]> => {
  const answer = await http
    .call({ route: PROVIDERS, path: PROVIDERS }, signal)
    .catch(async (error: unknown) => {
      const isClosed = error instanceof CloudFailure && ['absent', 'refused'].includes(error.kind)
      if (!isClosed) throw error
      const { organizationId } = await http.credentials(signal)
      if (organizationId === undefined) throw error
      return http.call(
        {
          route: `${PROVIDERS}/private`,
          path: `${PROVIDERS}/private/organizations/${encodeURIComponent(organizationId)}/environments`,
          query: { limit: 1_000 },
        },
        signal,
      )
    })
  const found: Environment[] = []
  for (const value of listOf(asFields(answer)?.environments)) {
    const environment = readEnvironment(value)
    if (environment) found.push(environment)
    else skips.skip('row')
  }
  return found
}
