import { apiErrors } from './error-answers.ts'
import type { Route } from './exchange.ts'
import { loginScopes } from './login.ts'
import type { World } from './world.ts'

/** Who the login is, and where its sessions can run. */
export const accountRoutes = (world: World): Route[] => {
  const { login } = world
  const account = { uuid: login.accountId, email: 'ada@example.com', full_name: 'Ada' }
  return [
    {
      method: 'GET',
      path: '/v1/environment_providers',
      handle: (x) => {
        if (x.header('x-organization-uuid') !== login.organizationId)
          return x.fail(apiErrors.badRequest('x-organization-uuid: header is required'))
        const ids = world.environments.map(({ environment_id: id }) => id)
        x.json(200, {
          environments: world.environments,
          has_more: false,
          first_id: ids[0] ?? null,
          last_id: ids.at(-1) ?? null,
        })
      },
    },
    {
      method: 'GET',
      path: '/v1/environment_providers/private/organizations/:org/environments',
      handle: (x) => x.fail(apiErrors.notPermitted('Invalid authorization')),
    },
    {
      method: 'GET',
      path: '/api/oauth/profile',
      handle: (x) =>
        x.json(200, {
          account,
          organization: { uuid: login.organizationId, organization_type: 'claude_max' },
        }),
    },
    {
      method: 'GET',
      path: '/api/oauth/claude_cli/roles',
      handle: (x) =>
        x.json(200, {
          organization_uuid: login.organizationId,
          organization_name: 'Ada',
          organization_role: 'admin',
        }),
    },
  ]
}

/** Where a worker renews its login. */
export const tokenRoutes = (world: World): Route[] => [
  {
    method: 'POST',
    path: '/v1/oauth/token',
    handle: (x) => {
      if (x.body.refresh_token !== world.login.refreshToken)
        return x.json(400, { error: 'invalid_grant', error_description: 'Refresh token not found' })
      const accessToken = world.login.rotate()
      x.json(200, {
        token_type: 'Bearer',
        access_token: accessToken,
        refresh_token: world.login.refreshToken,
        expires_in: 28_800,
        scope: loginScopes.join(' '),
        account: { uuid: world.login.accountId, email_address: 'ada@example.com' },
        organization: { uuid: world.login.organizationId, name: 'Ada' },
      })
    },
  },
]
