import { createRequire } from 'node:module'
import type { PlaceId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { runProgram } from '../../scripts/repo.ts'
import { lookThrough } from '../support/leak-watch.ts'
import { addMcpAgent, agentToken, mcpCommand } from '../support/mcp-agent.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'

const require = createRequire(import.meta.url)
const inspector = require.resolve('@modelcontextprotocol/inspector/clients/launcher/build/index.js')

/** How the inspector is told where the server is. */
const targets = {
  stdio: async ({ dataDir }: TestRelay, name: string) => {
    const { command, args } = mcpCommand(dataDir, name)
    return [command, ...args]
  },
  http: async ({ dataDir, origin }: TestRelay, name: string) => {
    const header = `Authorization: Bearer ${await agentToken(dataDir, name)}`
    return [`${origin}/mcp`, '--transport', 'http', '--header', header]
  },
} as const

/** Asks one thing of a server with the official inspector’s command line. */
const inspect = async (relay: TestRelay, target: readonly string[], ...args: string[]) => {
  const { code, output } = await runProgram(
    process.execPath,
    [inspector, '--cli', ...target, ...args],
    { env: { PATH: process.env.PATH, HOME: relay.dataDir } },
  )
  lookThrough('log', `inspector ${args.join(' ')}`, output)
  return { code, output }
}

const typed = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

for (const [way, targetOf] of Object.entries(targets)) {
  test(`[MC-2] [MC-10] the official inspector lists and calls every tool over ${way}`, async () => {
    await using relay = await startRelay()
    const { source } = relay
    const target = await targetOf(relay, await addMcpAgent(relay))
    const ask = async (...args: string[]) => {
      const { code, output } = await inspect(relay, target, ...args)
      expect({ code, output }).toMatchObject({ code: 0 })
      return JSON.parse(output)
    }
    const call = async (tool: string, args: Record<string, unknown>) => {
      const pairs = Object.entries(args).map(([name, value]) => `${name}=${typed(value)}`)
      const given = pairs.flatMap((pair) => ['--tool-arg', pair])
      const answer = await ask('--method', 'tools/call', '--tool-name', tool, ...given)
      expect(answer.isError).toBeUndefined()
      return answer.structuredContent
    }

    const sessionId = await source.start('inspected')
    const asking = await source.start('asks')
    await source.say(sessionId, 'message.agent', { messageId: 'a', text: 'a rare pelican' })
    await source.ask(asking, 'per_1', shellAsk('git push'))
    await source.ask(asking, 'per_2', {
      kind: 'question',
      questions: [
        { question: 'Which?', multiple: false, choices: [{ label: 'A' }, { label: 'B' }] },
      ],
    })
    source.placesThere = [
      {
        placeId: 'plc_1' as PlaceId,
        sourceId: source.manifest.sourceId,
        title: 'Here',
        takesRepository: false,
        repositories: [],
        choices: {},
      },
    ]
    source.onStart = async () => sessionId
    source.onPerform = async ({ command }) => {
      if (command.type !== 'prompt') return
      const { commandId: causedBy, text } = command
      void (async () => {
        await source.say(sessionId, 'message.person', {
          messageId: causedBy,
          text,
          from: 'person',
          causedBy,
        })
        await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
      })()
    }

    const done = { state: 'done' }
    const { prompts } = await call('list_pending', { sessionId: asking })
    const named = (at: number) => {
      const { permissionId, shownHash } = prompts[at]
      return { sessionId: asking, permissionId, shownHash }
    }
    const answers = [{ question: 'Which?', choices: ['B'] }]
    const calls: Record<string, [args: Record<string, unknown>, answer: object]> = {
      list_sessions: [{ limit: 5 }, { sessions: [{ sessionId: asking }, { sessionId }] }],
      get_session_info: [{ sessionId }, { details: { title: 'inspected' } }],
      read_session: [{ sessionId, limit: 20 }, { rows: [{ text: 'a rare pelican' }] }],
      get_session_events: [{ sessionId, types: ['message.agent'] }, { events: [{}] }],
      list_pending: [{ sessionId: asking }, { moreCount: 0 }],
      search_transcripts: [{ words: 'pelican' }, { sessions: [{ sessionId }] }],
      list_places: [{}, { places: [{ placeId: 'plc_1' }] }],
      wait_for: [{ sessionId: asking, promptPending: true }, { happened: 'prompt_pending' }],
      send_message: [{ sessionId, text: 'do it' }, done],
      send_and_wait: [{ sessionId, text: 'and this', timeoutS: 15 }, { outcome: 'finished' }],
      interrupt: [{ sessionId }, done],
      start_session: [{ placeId: 'plc_1', text: 'go' }, { sessionId }],
      answer_permission: [{ ...named(0), decision: 'deny', reason: 'not now' }, done],
      answer_question: [{ ...named(1), answers }, done],
    }
    // Exits with 6 where a schema would not do for every client.
    const { tools } = await ask('--method', 'tools/list', '--strict')
    const names = tools.map(({ name }: { name: string }) => name)
    expect(names.sort()).toEqual(Object.keys(calls).sort())
    const isReading = new Map(
      tools.map((tool: { name: string; annotations: { readOnlyHint: boolean } }) => [
        tool.name,
        tool.annotations.readOnlyHint,
      ]),
    )
    const every = Object.entries(calls)
    const run = async ([tool, [args, answer]]: (typeof every)[number]) =>
      expect(await call(tool, args)).toMatchObject(answer)
    await Promise.all(every.filter(([tool]) => isReading.get(tool)).map(run))
    for (const one of every.filter(([tool]) => !isReading.get(tool))) await run(one)
    expect(source.performed.map(({ command }) => command.type)).toEqual([
      'prompt',
      'prompt',
      'interrupt',
      'decide_permission',
      'answer_question',
    ])

    const { resources } = await ask('--method', 'resources/list')
    expect(resources).toHaveLength(3)
    const uri = `bellhop://sessions/${sessionId}`
    const { contents } = await ask('--method', 'resources/read', '--uri', uri)
    expect(contents).toMatchObject([{ uri, text: expect.stringContaining('pelican') }])
    const prompt = ['--prompt-name', 'supervise', '--prompt-args', 'goal=nothing waits']
    const { messages } = await ask('--method', 'prompts/get', ...prompt)
    expect(messages[0].content.text).toContain('nothing waits')
  }, 90_000)
}

test('[MC-9] the official inspector is turned away without a token', async () => {
  await using relay = await startRelay()
  const { code, output } = await inspect(relay, [`${relay.origin}/mcp`], '--method', 'tools/list')
  expect(code).not.toBe(0)
  expect(output).toContain('auth_required')
})
