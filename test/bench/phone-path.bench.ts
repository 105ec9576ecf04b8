import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { openPhoneBrowser } from '../support/browser.ts'
import { startRelayProcess } from '../support/relay-process.ts'
import { clockAheadMs } from './page-clock.ts'
import { type PlayedSession, playSession } from './played-session.ts'
import { median, percentile, type Row, row } from './row.ts'

const WARM_UP = 8
const SAMPLES = 60

// How Claude Code 2.1 goes about a call: its hooks follow each other by the first, as measured; its
// lines come to the transcript about the second later, as follows from other measured times.
const HOOK_TO_PERMISSION_MS = 33
const PERMISSION_TO_LINES_MS = 35

/** What a page notes about one prompt, by its own clock. */
type Seen = { drawnMs: number; inPlaceMs: number; tappedMs: number }

/** Notes when the sheet of a command is drawn, when it has come to rest, and when it is answered. */
const watchSheets = () => {
  const now = () => performance.timeOrigin + performance.now()
  const seen = new Map<string, Seen>()
  const sheet = () => document.querySelector<HTMLDialogElement>('dialog[open]')
  const wordsOf = () => /touch sample-\d+/.exec(sheet()?.textContent ?? '')?.[0]
  /** Runs after the frame that is being made has been painted. */
  const afterPaint = (then: () => void) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = then
      port2.postMessage(undefined)
    })
  new MutationObserver(() => {
    const words = wordsOf()
    if (words === undefined || seen.has(words)) return
    const times: Seen = { drawnMs: 0, inPlaceMs: 0, tappedMs: 0 }
    seen.set(words, times)
    afterPaint(() => {
      times.drawnMs = now()
    })
    const rest = sheet()?.getAnimations() ?? []
    void Promise.all(rest.map((one) => one.finished)).then(() => {
      times.inPlaceMs = now()
    })
  }).observe(document.body, { subtree: true, childList: true, attributes: true })
  addEventListener(
    'click',
    (event) => {
      const isButton = (event.target as Element).closest('button') !== null
      const times = isButton ? seen.get(wordsOf() ?? '') : undefined
      if (times && times.tappedMs === 0) times.tappedMs = performance.timeOrigin + event.timeStamp
    },
    { capture: true },
  )
  Object.assign(globalThis, { seenSheets: seen })
}

const seenOf = (page: Page, words: string): Promise<Seen> =>
  page.evaluate(
    (key) => (globalThis as unknown as { seenSheets: Map<string, Seen> }).seenSheets.get(key),
    words,
  ) as Promise<Seen>

const agentSays = (id: string, block: object) => ({
  type: 'assistant',
  message: { id, type: 'message', role: 'assistant', model: 'claude-opus-5-5', content: [block] },
})
const personSays = (content: unknown, promptId: string) => ({
  type: 'user',
  promptId,
  origin: { kind: 'human' },
  message: { role: 'user', content },
})

/** What went before, so that the phone draws over a transcript as long as they are. */
const history = Array.from({ length: 40 }, (_, at) => [
  personSays(`Please look at part ${at}.`, `before-${at}`),
  agentSays(`before-${at}`, {
    type: 'text',
    text: `Part ${at} is **fine**:\n\n- it builds\n- it passes`,
  }),
]).flat()

/** One call: words, the hooks, the prompt on the phone, the tap, the answer. */
const sample = async (session: PlayedSession, page: Page, at: number) => {
  const words = `touch sample-${at}`
  const toolUseId = `toolu_bench${String(at).padStart(6, '0')}`
  const tool_input = JSON.stringify({ command: words, description: 'Makes a file' })
  const call = { tool_name: 'Bash', tool_input, permission_mode: 'default' }
  const say = { type: 'text', text: `Now I make file number ${at}.` }
  const shown = { message_id: `shown-${at}`, index: '0', final: 'true', delta: say.text }
  session.hook({ hook_event_name: 'MessageDisplay', ...shown })
  await session.hook({ hook_event_name: 'PreToolUse', ...call, tool_use_id: toolUseId }).answered
  await sleep(HOOK_TO_PERMISSION_MS)
  const asked = session.hook({ hook_event_name: 'PermissionRequest', ...call })
  await sleep(PERMISSION_TO_LINES_MS)
  const use = { type: 'tool_use', id: toolUseId, name: 'Bash', input: JSON.parse(tool_input) }
  await session.write([agentSays(`turn-${at}`, say), agentSays(`turn-${at}`, use)])
  await session.status('waiting')
  await page.getByText(words).first().waitFor()
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  const answer = await asked.answered
  const seen = await seenOf(page, words)
  const isWhole = JSON.stringify(answer.output).includes('"behavior":"allow"')
  if (!isWhole || Object.values(seen).includes(0)) throw new TypeError(`sample ${at} is not whole`)
  await session.hook({ hook_event_name: 'PostToolUse', tool_use_id: toolUseId, ...call }).answered
  const result = { type: 'tool_result', tool_use_id: toolUseId, content: 'done' }
  await session.write([{ type: 'user', message: { role: 'user', content: [result] } }])
  await session.status('busy')
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  return { askedMs: asked.sentMs, answeredMs: answer.atMs, ...seen }
}

/** From a session's hook to a phone's screen, and from a tap there back to the hook. */
export const benchPhonePath = async (): Promise<Row[]> => {
  await using undo = new AsyncDisposableStack()
  const session = undo.use(await playSession(history))
  const args = ['--data-dir', session.dataDir, '--port', '0', '--yes']
  const relay = undo.use(await startRelayProcess(args, session.env))
  const { page } = undo.use(await openPhoneBrowser())
  await session.connect()
  await page.goto(relay.pairUrl)
  await page.getByText('shop-api').first().click()
  await page.getByText('Part 39').first().waitFor()
  await page.evaluate(watchSheets)
  const samples = []
  for (let at = 0; at < WARM_UP + SAMPLES; at++) samples.push(await sample(session, page, at))
  const aheadMs = await clockAheadMs(page)
  const measured = samples.slice(WARM_UP)
  const drawn = measured.map(({ askedMs, drawnMs }) => drawnMs - aheadMs - askedMs)
  const inPlace = measured.map(({ askedMs, inPlaceMs }) => inPlaceMs - aheadMs - askedMs)
  const answered = measured.map(({ tappedMs, answeredMs }) => answeredMs - tappedMs + aheadMs)
  return [
    row('hook fired to sheet drawn, median', median(drawn), 'ms'),
    row('hook fired to sheet drawn, p95', percentile(drawn, 0.95), 'ms', { atMost: 150 }),
    row('hook fired to sheet at rest, its slide included, p95', percentile(inPlace, 0.95), 'ms'),
    row('answer tapped to hook answered, median', median(answered), 'ms'),
    row('answer tapped to hook answered, p95', percentile(answered, 0.95), 'ms', { atMost: 50 }),
  ]
}
