import type { RelayError, SessionId } from '@bellhop/core'
import { beforeEach, expect, test } from 'vitest'
import {
  cloudRow,
  createScriptedCloudSession,
  type ScriptedCloudSession,
} from '../../../../../../test/support/scripted-cloud-session.ts'
import { createVirtualTime, type VirtualTime } from '../../../../../../test/support/virtual-time.ts'
import type { Fields } from '../cloud-api.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { initializeSession } from './initialize-session.ts'
import { mcpServers } from './mcp-servers.ts'

const never = new AbortController().signal
let time: VirtualTime
let session: ScriptedCloudSession

beforeEach(() => {
  time = createVirtualTime()
  session = createScriptedCloudSession(time)
})

const initialize = (shownAs?: SessionId) =>
  initializeSession(session, { timing: time, ...(shownAs && { shownAs }) }, never)
const respond = async (response: Fields, isError = false) => {
  await time.settle()
  const requestId = String(session.sent.at(-1)?.request_id)
  session.say({ kind: 'control', requestId, isError, response })
  await time.settle()
}
const asked = (requestId: string) => ({
  type: 'control_request',
  request_id: requestId,
  request: { subtype: 'can_use_tool' },
})

test('[A-65] what a worker lists as pending goes to the reader, each prompt once', async () => {
  const done = initialize()
  await respond({
    subtype: 'success',
    response: { models: [] },
    pending_permission_requests: [asked('a'), asked('b'), asked('a'), 'nonsense'],
  })
  expect(await done).toBe(true)
  expect(session.sent).toHaveLength(1)
  expect(session.sent[0]?.request).toEqual({ subtype: 'initialize' })
  expect(session.pendings).toEqual([[asked('a'), asked('b')]])
})

test('[A-65] an older worker that lists nothing has not said that nothing is pending', async () => {
  const older = initialize()
  await respond({ subtype: 'success', response: {} })
  expect(await older).toBe(true)
  expect(session.pendings).toEqual([])
  const newer = initialize()
  await respond({ subtype: 'success', response: {}, pending_permission_requests: [] })
  expect(await newer).toBe(true)
  expect(session.pendings).toEqual([[]])
})

test('[A-65] asked twice at once it is asked once', async () => {
  const both = Promise.all([initialize(), initialize()])
  await respond({ subtype: 'success', response: {} })
  expect(await both).toEqual([true, true])
  expect(session.sent).toHaveLength(1)
})

test('[A-68] what its settings can be set to is told once, and where it is shown', async () => {
  const shownAs = 'ses_here' as SessionId
  const models = [{ value: 'claude-opus-5-5', displayName: 'Opus 5.5' }, { displayName: 'no id' }]
  for (let times = 0; times < 2; times++) {
    const done = initialize(shownAs)
    await respond({ subtype: 'success', response: { models } })
    await done
  }
  expect(session.drafts).toHaveLength(1)
  expect(session.drafts[0]).toMatchObject({
    type: 'session.changed',
    sessionId: shownAs,
    choices: { models: [{ value: 'claude-opus-5-5', words: 'Opus 5.5' }] },
  })
  const terminal = initialize()
  await respond({ subtype: 'success', response: { models: [] } })
  await terminal
  expect(session.drafts[1]).toMatchObject({
    sessionId: session.sessionId,
    choices: {
      models: expect.arrayContaining([{ value: 'opus', words: 'Opus' }]),
      permissionModes: expect.arrayContaining([{ value: 'plan', words: 'Only plan' }]),
      thinking: expect.arrayContaining([{ value: '0', words: 'No thinking' }]),
    },
  })
})

test('[A-64] a worker that refuses or says nothing costs nothing', async () => {
  const refused = initialize()
  await respond({ error: 'no' }, true)
  expect(await refused).toBe(false)
  const silent = initialize()
  await time.pass(21_000)
  expect(await silent).toBe(false)
  session.onSend = () => {
    throw new CloudFailure('refused', 'no')
  }
  expect(await initialize()).toBe(false)
  expect([session.drafts, session.pendings]).toEqual([[], []])
})

test('[A-68] a session tells its MCP servers and how they are', async () => {
  const servers = mcpServers(session, { timing: time }, never)
  await respond({
    subtype: 'success',
    response: {
      mcpServers: [
        { name: 'docs', status: 'connected', scope: 'project' },
        { name: 'shop', status: 'failed', error: 'ENOENT', scope: 'user' },
        { status: 'connected' },
        { name: 'odd' },
      ],
    },
  })
  expect(await servers).toEqual([
    { name: 'docs', status: 'connected', detail: 'project' },
    { name: 'shop', status: 'failed', detail: 'ENOENT' },
    { name: 'odd', status: 'unknown' },
  ])
  expect(session.sent[0]?.request).toEqual({ subtype: 'mcp_status' })
})

test('[A-64] a session that cannot say which MCP servers it has is not said to have none', async () => {
  const codeOf = (asking: Promise<unknown>) => asking.catch((error: RelayError) => error.code)
  const silent = codeOf(mcpServers(session, { timing: time }, never))
  await time.pass(21_000)
  expect(await silent).toBe('source_unreachable')
  const unable = codeOf(mcpServers(session, { timing: time }, never))
  await respond({ error_code: 'unsupported_request' }, true)
  expect(await unable).toBe('not_supported')
  session.row = cloudRow({ connection: 'disconnected' })
  expect(await codeOf(mcpServers(session, { timing: time }, never))).toBe('source_unreachable')
  expect(session.sent).toHaveLength(2)
})

test('[I6] however often it is asked, a session is asked for its MCP servers once in ten seconds', async () => {
  const first = new AbortController()
  const asking = [first.signal, never, never].map((one) =>
    mcpServers(session, { timing: time }, one),
  )
  first.abort()
  await respond({ subtype: 'success', response: { mcpServers: [{ name: 'docs' }] } })
  for (const one of asking) expect(await one).toMatchObject([{ name: 'docs' }])
  await mcpServers(session, { timing: time }, never)
  expect(session.sent).toHaveLength(1)
  await time.pass(10_000)
  const again = mcpServers(session, { timing: time }, never)
  await respond({ subtype: 'success', response: {} })
  expect(await again).toEqual([])
  expect(session.sent).toHaveLength(2)
})
