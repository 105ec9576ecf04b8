import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { startSessionApi } from '../session-api/session-api.ts'
import type { SessionApi } from '../session-api/types.ts'
import { openPhoneBrowser } from '../support/browser.ts'
import { startRelayProcess } from '../support/relay-process.ts'
import { clockAheadMs } from './page-clock.ts'
import { nowMs } from './played-session.ts'
import { median, percentile, type Row, row } from './row.ts'

const WARM_UP = 8
const SAMPLES = 60
const BETWEEN_MS = 150
const HISTORY = 40

/** Notes by the page’s own clock when words of a sample are painted. */
const watchWords = () => {
  const seen = new Map<string, number>()
  Object.assign(globalThis, { seenWords: seen })
  new MutationObserver(() => {
    for (const [, words = ''] of document.body.textContent.matchAll(/(Sample \d+ of many)/g)) {
      if (seen.has(words)) continue
      seen.set(words, 0)
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => seen.set(words, performance.timeOrigin + performance.now())
        port2.postMessage(undefined)
      })
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true })
}

const seenAtMs = (page: Page, words: string): Promise<number> =>
  page
    .waitForFunction(
      (key) => (globalThis as unknown as { seenWords: Map<string, number> }).seenWords.get(key),
      words,
      { polling: 20 },
    )
    .then((handle) => handle.jsonValue() as Promise<number>)

const says = (text: string) => ({
  type: 'assistant',
  uuid: crypto.randomUUID(),
  message: {
    id: `msg_${crypto.randomUUID()}`,
    role: 'assistant',
    model: 'claude-opus-5-5',
    content: [{ type: 'text', text }],
  },
  parent_tool_use_id: null,
})

/** Registers as a session’s worker and posts as one does; the answer is the moment it was handed over. */
const workAt = async (api: SessionApi, id: string) => {
  const one = `${api.url}/v1/code/sessions/${id}`
  const post = (path: string, token: string, body: object) =>
    fetch(`${one}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    })
  const bridge = await post('/bridge', api.accessToken, {})
  const { worker_jwt: token, worker_epoch: epoch } = (await bridge.json()) as {
    worker_jwt: string
    worker_epoch: number
  }
  return async (text: string): Promise<number> => {
    const body = { worker_epoch: epoch, events: [{ payload: says(text) }] }
    const sentMs = nowMs()
    const { ok, status } = await post('/worker/events', token, body)
    if (!ok) throw new TypeError(`the event was not taken: ${status}`)
    return sentMs
  }
}

/** From a worker’s POST to the session API, through the relay, to a phone’s screen. */
export const benchCloudPath = async (): Promise<Row[]> => {
  await using undo = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'bellhop-cloud-path-'))
  undo.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const home = join(folder, 'home')
  await mkdir(home)
  const api = undo.use(await startSessionApi())
  await api.writeLogin(join(home, '.claude'))
  const session = api.addSession({ title: 'Measured', cwd: '/srv/shop' })
  for (let at = 0; at < HISTORY; at += 1) session.emit(says(`Part ${at} is **fine**.`))
  session.set({ connection_status: 'connected' })
  const say = await workAt(api, session.id)
  const relay = undo.use(
    await startRelayProcess(
      ['--data-dir', join(folder, 'data'), '--port', '0', '--yes', '--cloud', 'on'],
      { HOME: home, PATH: '/usr/bin:/bin', BELLHOP_CLOUD_URL: api.url },
    ),
  )
  const { page } = undo.use(await openPhoneBrowser())
  await page.goto(relay.pairUrl)
  await page.getByText('Measured').first().click()
  await page
    .getByText(`Part ${HISTORY - 1} is`)
    .first()
    .waitFor()
  await page.evaluate(watchWords)
  const times: number[] = []
  for (let at = 0; at < WARM_UP + SAMPLES; at += 1) {
    const words = `Sample ${at} of many`
    const sentMs = await say(words)
    const seenMs = await seenAtMs(page, words)
    if (at >= WARM_UP) times.push(seenMs - sentMs)
    await sleep(BETWEEN_MS)
  }
  const aheadMs = await clockAheadMs(page)
  const drawn = times.map((ms) => ms - aheadMs)
  return [
    row('cloud event posted by its worker to drawn, median', median(drawn), 'ms'),
    row('cloud event posted by its worker to drawn, p95', percentile(drawn, 0.95), 'ms', {
      atMost: 250,
    }),
  ]
}
