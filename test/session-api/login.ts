import { randomBytes } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ServerTime } from '../support/virtual-time.ts'
import { apiErrors, type ErrorAnswer } from './error-answers.ts'
import type { LoginOverrides } from './types.ts'

/** The account's tokens: which one is good, and which were. */
export interface Login {
  readonly accessToken: string
  readonly refreshToken: string
  readonly organizationId: string
  readonly accountId: string
  rotate(): string
  /** Why a request with this header is turned away, if it is. */
  refusal(authorization: string | undefined): ErrorAnswer | undefined
  write(configDir: string, overrides?: LoginOverrides): Promise<void>
}

export const loginScopes = [
  'user:inference',
  'user:profile',
  'user:sessions:claude_code',
  'user:mcp_servers',
  'user:file_upload',
]

const eightHoursMs = 8 * 3_600_000
const thirtyDaysMs = 30 * 24 * 3_600_000
const token = (prefix: string) => `${prefix}${randomBytes(40).toString('base64url')}AA`

const writeWhole = async (path: string, text: string) => {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

export const createLogin = (
  time: ServerTime,
  organizationId = 'b7e9a3c1-5d2f-4e8a-9c6b-1f0d2e3a4b5c',
): Login => {
  const accountId = '3c1f8a52-7e64-4d0b-8b9a-6f5e4d3c2b1a'
  let accessToken = token('sk-ant-oat01-')
  let refreshToken = token('sk-ant-ort01-')
  const ended = new Set<string>()
  return {
    get accessToken() {
      return accessToken
    },
    get refreshToken() {
      return refreshToken
    },
    organizationId,
    accountId,
    rotate: () => {
      ended.add(accessToken)
      accessToken = token('sk-ant-oat01-')
      refreshToken = token('sk-ant-ort01-')
      return accessToken
    },
    refusal: (authorization) => {
      const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
      if (given === undefined) return apiErrors.loginMissing
      if (given === accessToken) return undefined
      return ended.has(given) ? apiErrors.loginExpired : apiErrors.loginInvalid
    },
    write: async (configDir, overrides = {}) => {
      await mkdir(configDir, { recursive: true, mode: 0o700 })
      const nowMs = time.nowMs()
      const { credentialsText, claudeJson, ...fields } = overrides
      const claudeAiOauth = {
        accessToken,
        refreshToken,
        expiresAt: nowMs + eightHoursMs,
        refreshTokenExpiresAt: nowMs + thirtyDaysMs,
        scopes: loginScopes,
        subscriptionType: 'max',
        rateLimitTier: 'default_claude_max_5x',
        clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
        ...fields,
      }
      await writeWhole(
        join(configDir, '.credentials.json'),
        credentialsText ?? JSON.stringify({ claudeAiOauth }),
      )
      if (claudeJson === null) return
      const oauthAccount = {
        accountUuid: accountId,
        emailAddress: 'ada@example.com',
        organizationUuid: organizationId,
        organizationName: 'Ada',
        organizationRole: 'admin',
      }
      const text = JSON.stringify(
        claudeJson ?? { hasCompletedOnboarding: true, oauthAccount },
        null,
        2,
      )
      await writeWhole(join(configDir, '.claude.json'), text)
      // Beside the folder it is looked for when nobody has named the folder.
      if (basename(configDir) === '.claude') await writeWhole(`${configDir}.json`, text)
    },
  }
}
