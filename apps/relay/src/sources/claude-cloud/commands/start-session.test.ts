import type { CommandId, RelayError, SessionId, SourceId, StartRequest } from '@bellhop/core'
import { expect, test } from 'vitest'
import { cloudRow } from '../../../../../../test/support/scripted-cloud-session.ts'
import { createVirtualTime } from '../../../../../../test/support/virtual-time.ts'
import type { CloudApi, Environment } from '../cloud-api.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { placeIdOf, places } from './places.ts'
import { startSession } from './start-session.ts'

const never = new AbortController().signal
const sourceId = 'claude-cloud' as SourceId
const environments: Environment[] = [
  { environmentId: 'env_cloud', kind: 'cloud', name: 'Default', isActive: true },
  {
    environmentId: 'env_desk',
    kind: 'bridge',
    name: 'desk',
    isActive: true,
    machine: 'desk.local',
    folder: '/work/shop',
  },
  { environmentId: 'env_old', kind: 'cloud', name: 'Old', isActive: false },
]

test('[A-87] sessions can be started on machines that serve them and in the cloud', async () => {
  const shop = 'https://github.com/ada/shop'
  const rows = [
    cloudRow({ repository: 'https://github.com/ada/old', lastEventAtMs: 1 }),
    cloudRow({ repository: shop, environmentId: 'env_cloud', lastEventAtMs: 3 }),
    cloudRow({ repository: shop, lastEventAtMs: 2 }),
    cloudRow({ repository: 'https://github.com/ada/elsewhere', environmentId: 'env_other' }),
  ]
  const offered = await places(
    { environments: async () => environments },
    { sourceId, rows },
    never,
  )
  expect(offered).toMatchObject([
    {
      placeId: 'plc_cloud.env_cloud',
      sourceId,
      title: 'Default',
      takesRepository: true,
      repositories: [shop, 'https://github.com/ada/old'],
    },
    {
      placeId: 'plc_cloud.env_desk',
      title: 'desk.local',
      detail: '/work/shop',
      takesRepository: false,
      repositories: [],
    },
  ])
  expect(offered[0]?.choices.models).not.toEqual([])
})

test('[A-87] any id upstream gives a place an id of its own', async () => {
  const ids = ['env_1', 'env:1', 'env/1', `env_${'x'.repeat(300)}`, '…'].map(placeIdOf)
  expect(new Set(ids).size).toBe(5)
  for (const id of ids) expect(id).toMatch(/^plc_[A-Za-z0-9_.-]{1,160}$/)
})

const rig = () => {
  const time = createVirtualTime()
  const made: Parameters<CloudApi['create']>[0][] = []
  const failures: CloudFailure[] = []
  const api = {
    environments: async () => environments,
    create: async (request: Parameters<CloudApi['create']>[0]) => {
      made.push(request)
      const failure = failures.shift()
      if (failure) throw failure
      // The server makes one session of one first message.
      return request.firstMessage.uuid
    },
  }
  const takeUp = async (suffix: string) => `ses_cloud-${suffix}` as SessionId
  const start = (fields: Partial<StartRequest> = {}) =>
    startSession(
      {
        commandId: 'cmd_start0001' as CommandId,
        placeId: placeIdOf('env_cloud'),
        text: 'Fix the tests',
        repository: 'ada/shop',
        ...fields,
      },
      { api, timing: time, takeUp },
      never,
    )
  const codeOf = (fields: Partial<StartRequest>) =>
    start(fields).catch((error: RelayError) => error.code)
  return { time, made, failures, start, codeOf }
}

test('[A-88] a session is started with its first message, and answered once it is taken up', async () => {
  const { made, start } = rig()
  const sessionId = await start({ branch: ' main ', model: 'opus', permissionMode: 'plan' })
  expect(made).toEqual([
    {
      title: 'Fix the tests',
      environmentId: 'env_cloud',
      firstMessage: { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/), text: 'Fix the tests' },
      repository: 'https://github.com/ada/shop',
      branch: 'main',
      model: 'opus',
      permissionMode: 'plan',
    },
  ])
  expect(sessionId).toBe(`ses_cloud-${made[0]?.firstMessage.uuid}`)
})

test('[A-88] [CM-1] the same command gives the same session, also after an answer that got lost', async () => {
  const { time, made, failures, start } = rig()
  failures.push(new CloudFailure('unreachable', 'No answer.', { maybeDone: true }))
  const first = start()
  await time.pass(2_000)
  expect(await start()).toBe(await first)
  expect(new Set(made.map(({ firstMessage }) => firstMessage.uuid)).size).toBe(1)
  const other = await start({ commandId: 'cmd_start0002' as CommandId })
  expect(other).not.toBe(await first)
})

test('[A-88] a machine’s session works in its own folder', async () => {
  const { made, start } = rig()
  await start({ placeId: placeIdOf('env_desk'), title: 'Tests', branch: 'main' })
  expect(made[0]).not.toHaveProperty('repository')
  expect(made[0]).not.toHaveProperty('branch')
  expect(made[0]).toMatchObject({ title: 'Tests', environmentId: 'env_desk' })
})

test('[A-88] what cannot be started is refused before anything is made', async () => {
  const { made, codeOf } = rig()
  expect(await codeOf({ placeId: placeIdOf('env_old') })).toBe('place_unknown')
  expect(await codeOf({ placeId: placeIdOf('env_nowhere') })).toBe('place_unknown')
  expect(await codeOf({ repository: ' ' })).toBe('source_refused')
  expect(await codeOf({ repository: 'not a repository' })).toBe('source_refused')
  expect(await codeOf({ repository: 'https://ada:secret@github.com/ada/shop' })).toBe(
    'source_refused',
  )
  expect(made).toEqual([])
})

test('[A-9] a start that is refused upstream says why', async () => {
  const { failures, start } = rig()
  failures.push(new CloudFailure('login', 'Run `claude auth login`.'))
  await expect(start()).rejects.toMatchObject({
    code: 'agent_login_needed',
    message: 'Run `claude auth login`.',
  })
})
