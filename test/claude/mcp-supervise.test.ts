// Two real sessions of one person: one works in a terminal, the other supervises it through the built
// relay, over either transport; what the first asks is answered on the phone, in the built app.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionId } from '@bellhop/core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { openPhoneBrowser } from '../support/browser.ts'
import { type ClaudeRig, startClaudeRig } from '../support/claude-rig.ts'
import { type McpAgent, startMcpAgent } from '../support/mcp-agent.ts'
import type { ModelTurn } from '../support/model-script.ts'
import { type RelayProcess, runBellhop, startRelayProcess } from '../support/relay-process.ts'
import type { TmuxTerminal } from '../support/tmux-terminal.ts'
import { until } from '../support/until.ts'

const PATIENCE_MS = 30_000

const undo = new AsyncDisposableStack()
let rig: ClaudeRig
let relay: RelayProcess
let page: Page
let desk: TmuxTerminal
let dataDir: string
let sessionId: SessionId

beforeAll(async () => {
  rig = undo.use(await startClaudeRig())
  dataDir = join(rig.folder, 'data')
  await bellhop('hooks', 'install')
  relay = await startRelayProcess(['--data-dir', dataDir, '--port', '0', '--yes'], rig.env)
  undo.defer(() => relay[Symbol.asyncDispose]())
  page = undo.use(await openPhoneBrowser()).page
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(relay.pairUrl)
  await page.getByText('No sessions yet').waitFor()
  desk = await rig.open({ insideTmux: true })
  await page.getByText('project').first().click()
  const listed = JSON.parse(await bellhop('sessions', '--json'))
  sessionId = listed.sessions[0].sessionId
}, 120_000)

afterAll(() => undo.disposeAsync(), 60_000)

async function bellhop(...args: string[]) {
  const { code, output } = await runBellhop([...args, '--data-dir', dataDir], rig.env)
  if (code !== 0) throw new Error(output)
  return output
}

/** What the session that is told this calls next, and what it says in the end. */
const model = (match: string, ...turns: ModelTurn[]) =>
  rig.api.push(...turns.map((turn) => ({ ...turn, match })))

const call = (tool: string, input: Record<string, unknown> = {}): ModelTurn => ({
  tool: `mcp__bellhop__${tool}`,
  input,
})

/** What the tools have answered the session that was told this, oldest first. */
const answersIn = (match: string): Record<string, unknown>[] => {
  type Block = { type: string; content?: string | { text?: string }[] }
  type Body = { messages?: { content: string | Block[] }[] }
  const bodies = rig.api.requests.map(({ body }) => body as Body)
  const last = bodies.findLast((body) => JSON.stringify(body?.messages ?? []).includes(match))
  return (
    (last?.messages ?? [])
      .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
      .filter(({ type }) => type === 'tool_result')
      .map(({ content = '' }) => (typeof content === 'string' ? content : (content[0]?.text ?? '')))
      // The program adds a remark of its own to what was refused.
      .map((text) => JSON.parse(text.split('\n')[0] ?? ''))
  )
}

describe.each([
  { via: 'stdio', more: [] },
  { via: 'http', more: ['--http'] },
])('over $via', ({ via, more }) => {
  test('[MC-2] [MC-6] [MC-7] [MC-10] a session supervises another: it lists, reads, sends, is blocked by a prompt a person answers on the phone, and gets the whole reply', async () => {
    onTestFailed(async () => {
      console.info(await desk.screen({ history: true }), JSON.stringify(answersIn(supervise)))
    })
    const file = `made-over-${via}`
    const order = `please make the file ${file}`
    const supervise = `supervise the other one over ${via}`
    const as = ['--as', `boss-${via}`, '--scope', 'drive']
    await bellhop('mcp', 'install', 'claude-code', ...as, ...more)

    const touch = { command: `touch ${file}`, description: 'makes it' }
    model(
      order,
      {
        blocks: [
          { type: 'text', text: 'For that I need a command.' },
          { type: 'tool_use', name: 'Bash', input: touch },
        ],
      },
      { text: `There it is: ${file}.` },
    )
    const ownId = randomUUID()
    const prompt = { permissionId: '{{permissionId}}', shownHash: '{{shownHash}}' }
    const sent = { commandId: '{{commandId}}', after: '{{cursor}}' }
    model(
      `^${supervise}`,
      call('list_sessions'),
      // As long as a model thinks at least.
      { ...call('send_message', { sessionId: `ses_${ownId}`, text: 'hello me' }), delayMs: 700 },
      call('send_and_wait', { sessionId, text: order, timeoutS: 40 }),
      call('answer_permission', { sessionId, ...prompt, decision: 'allow' }),
      call('wait_for', { sessionId, ...sent, turnEnded: true, timeoutS: 40 }),
      call('read_session', { sessionId }),
      { text: 'The other one is done.' },
    )
    const run = rig.run(
      ['-p', supervise, '--session-id', ownId, '--allowedTools', 'mcp__bellhop'],
      { timeoutMs: 90_000 },
    )
    await page.getByText(touch.command).first().waitFor()
    await until(() => answersIn(supervise).length >= 4, {
      what: 'the refused answer',
      timeoutMs: PATIENCE_MS,
    })
    expect(existsSync(join(rig.project, file))).toBe(false)
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    expect((await run).stdout).toContain('The other one is done.')
    const reply = `For that I need a command.\n\nThere it is: ${file}.`
    const [listed, own, blocked, refused, finished, read] = answersIn(supervise)
    expect(listed?.sessions).toContainEqual(
      expect.objectContaining({ sessionId, status: 'idle', project: 'project' }),
    )
    expect(own).toMatchObject({ error: { code: 'own_session' } })
    expect(blocked).toMatchObject({
      outcome: 'blocked',
      reply: 'For that I need a command.',
      prompts: [{ kind: 'tool', line: touch.command }],
    })
    expect(refused).toMatchObject({ error: { code: 'scope_missing' } })
    expect(finished).toMatchObject({ happened: 'turn_ended', outcome: 'finished', reply })
    expect(JSON.stringify(read)).toContain(`There it is: ${file}.`)
    expect(existsSync(join(rig.project, file))).toBe(true)
    // Everyone who follows the session sees whose words they were.
    await page.getByText(`There it is: ${file}.`).first().waitFor()
    await page.getByText(`boss-${via}`).first().waitFor()
  })
})

describe('messages to a session at work', () => {
  const way = { via: 'http', protocol: '2026-07-28' } as const

  /** Begins a turn at the desk that goes on for a while. */
  const atWork = async (words: string, delayMs: number) => {
    model(words, { text: `Done with ${words}.`, delayMs })
    await desk.submit(words)
    await until(() => rig.api.requests.some(({ answer }) => answer?.match === words), {
      what: 'the model to be asked',
    })
  }
  const answerTo = async (agent: McpAgent, text: string) => {
    const args = { sessionId, text, timeoutS: 40 }
    return (await agent.call('send_and_wait', args)).value
  }

  test('[MC-6] two agents that write at once are typed one after the other; taken up together, they are answered together', async () => {
    const place = { dataDir, origin: relay.url }
    await using one = await startMcpAgent(place, { name: 'one', way })
    await using two = await startMcpAgent(place, { name: 'two', way })
    await atWork('a long errand', 3_000)
    model('order of two', { text: 'Both it is.' })
    model('order of one', { text: 'Both it is.' })
    const both = { outcome: 'finished', reply: 'Both it is.' }
    expect(
      await Promise.all([answerTo(one, 'an order of one'), answerTo(two, 'an order of two')]),
    ).toMatchObject([both, both])
    const told = JSON.stringify(rig.api.requests.map(({ body }) => body))
    expect(told).toMatch(/“one”[^“]*an order of one/)
    expect(told).toMatch(/“two”[^“]*an order of two/)
  })

  test('[MC-4] [MC-6] the relay is killed over a message that waits: it is told once, and its own turn is what the wait ends with', async () => {
    const place = { dataDir, origin: relay.url }
    // Over HTTP the wait would end with the relay.
    await using agent = await startMcpAgent(place, { name: 'patient' })
    await atWork('another errand', 4_000)
    model('order over the crash', { text: 'Made it over the crash.' })
    const waiting = answerTo(agent, 'an order over the crash')
    const filter = { sessionId, types: ['command.settled'], limit: 20 }
    await until(async () => {
      const { events } = (await agent.call('get_session_events', filter)).value
      return JSON.stringify(events.at(-1) ?? {}).includes('patient')
    })
    await relay.kill()
    const port = new URL(relay.url).port
    relay = await startRelayProcess(['--data-dir', dataDir, '--port', port, '--yes'], rig.env)
    const reply = 'Made it over the crash.'
    const answer = await waiting
    expect(answer).toMatchObject({ outcome: 'finished', reply })
    // The record still names the command.
    const { commandId } = answer
    const again = await agent.call('wait_for', { sessionId, commandId, timeoutS: 5 })
    expect(again.value).toMatchObject({ happened: 'turn_ended', outcome: 'finished', reply })
    const read = (await agent.call('read_session', { sessionId })).value
    const told = JSON.stringify(read.rows).split('an order over the crash').length - 1
    expect(told).toBe(1)
  })
})
