// The main job, end to end: the real `claude` in a terminal, the built relay as a process of its own,
// the built app in Chromium at a phone’s size, a push service that decrypts. Read this first.
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPhoneBrowser } from '../support/browser.ts'
import { type ClaudeRig, startClaudeRig } from '../support/claude-rig.ts'
import { writeQrVideo } from '../support/fake-camera.ts'
import { fakePushManager, type PushedBrowser, pushedBrowser } from '../support/fake-push-manager.ts'
import type { ModelTurn } from '../support/model-script.ts'
import { startPushService, type TestPushService } from '../support/push-service.ts'
import { type RelayProcess, runBellhop, startRelayProcess } from '../support/relay-process.ts'
import type { TmuxTerminal } from '../support/tmux-terminal.ts'
import { until } from '../support/until.ts'

const PATIENCE_MS = 20_000

describe('the story', () => {
  const undo = new AsyncDisposableStack()
  let rig: ClaudeRig
  let push: TestPushService
  let relay: RelayProcess
  let page: Page
  let pushed: PushedBrowser
  let terminal: TmuxTerminal
  let env: Record<string, string>
  let args: string[]

  const button = (name: string): Locator => page.getByRole('button', { name, exact: true })
  const seen = (text: string | RegExp) =>
    page.getByText(text).first().waitFor({ state: 'visible', timeout: PATIENCE_MS })
  const tap = (name: string) => button(name).click({ timeout: PATIENCE_MS })
  /** Taps an answer by its words, as a finger does: the box beside them is drawn. */
  const choose = (words: RegExp) => page.locator('label').filter({ hasText: words }).first().click()
  const gone = (name: string) => button(name).waitFor({ state: 'detached', timeout: PATIENCE_MS })
  /** What the model does next, then the person types at the terminal. */
  const model = (...turns: ModelTurn[]) => rig.api.push(...turns)
  const bash = (command: string): ModelTurn => ({
    tool: 'Bash',
    input: { command, description: 'try it' },
  })
  const made = (name: string) => existsSync(join(rig.project, name))
  const toTheModel = () => JSON.stringify(rig.api.requests.at(-1)?.body)

  beforeAll(async () => {
    rig = undo.use(await startClaudeRig())
    push = undo.use(await startPushService())
    env = { ...rig.env, BELLHOP_PUSH_HOSTS: push.host, BELLHOP_PUSH_GRACE_MS: '0' }
    const dataDir = join(rig.folder, 'data')
    expect(await runBellhop(['hooks', 'install', '--data-dir', dataDir], env)).toMatchObject({
      code: 0,
    })
    args = ['--data-dir', dataDir]
    relay = await startRelayProcess([...args, '--port', '0'], env)
    undo.defer(() => relay[Symbol.asyncDispose]())
    args.push('--port', new URL(relay.url).port)
    const camera = join(rig.folder, 'qr.y4m')
    await writeQrVideo(camera, relay.pairUrl)
    const browser = undo.use(await openPhoneBrowser({ cameraFile: camera }))
    await fakePushManager(browser.context, push.subscribe())
    page = browser.page
    page.setDefaultTimeout(PATIENCE_MS)
  }, 120_000)

  afterAll(() => undo.disposeAsync(), 60_000)

  beforeEach(({ onTestFailed, task }) => {
    onTestFailed(async () => {
      // What a person would have seen, for whoever looks into it.
      const name = task.name.replaceAll(/[^a-z]+/gi, '-').slice(0, 60)
      await mkdir('test-results', { recursive: true })
      await page.screenshot({ path: `test-results/${name}.png` }).catch(() => {})
      const screen = await terminal?.screen({ history: true }).catch(() => '')
      await writeFile(`test-results/${name}.txt`, screen ?? '')
    })
  })

  test('[PR-1] [PR-6] a phone scans the code, shows the digits the terminal shows, and is let in', async () => {
    await page.goto(relay.url)
    await page.getByRole('link', { name: 'Scan the code' }).click()
    const claimed = await relay.line('claimed')
    await seen(String(claimed.check))
    relay.answer('y')
    await relay.line('paired')
    await seen('No sessions yet')
  })

  test('[PU-1] it lets itself be rung, and the test push comes through', async () => {
    await page.goto(`${relay.url}/#/settings/notifications`)
    await page.getByRole('switch', { name: /Ring this phone/ }).click()
    await tap('Send a test')
    await until(() => push.received.length === 1, { what: 'the test push' })
    expect(push.faults).toEqual([])
    await page.goto(`${relay.url}/#/`)
  })

  test('[ST-2] a session started in an ordinary terminal appears, and its words come live', async () => {
    terminal = await rig.open({ insideTmux: true })
    await seen('project')
    const words = 'First we look around.\nThen we change one thing.\nAnd then we are done with it.'
    model({ text: words, chunkMs: 150 })
    await terminal.submit('tidy up the repository')
    await page.getByText('tidy up the repository').first().click()
    await seen('First we look around.')
    // Its end has not been written yet, so what stands there came as it was said.
    expect(await page.getByText('And then we are done with it.').count()).toBe(0)
    await seen('And then we are done with it.')
  })

  test('[PE-1] a command is allowed, and runs', async () => {
    model(bash('touch allowed'), { text: 'It is there.' })
    await terminal.submit('make the first file')
    await seen('Run a command?')
    await seen('touch allowed')
    expect(made('allowed')).toBe(false)
    await tap('Allow')
    await seen('It is there.')
    expect(made('allowed')).toBe(true)
  })

  test('[PE-1] another is denied with a reason, and the model is told', async () => {
    model(bash('touch denied'), { text: 'Then not.' })
    await terminal.submit('make the second file')
    await seen('touch denied')
    await tap('Deny with a note')
    await page.getByRole('textbox', { name: 'Reason' }).fill('use the first one')
    await tap('Deny')
    await seen('Then not.')
    expect(made('denied')).toBe(false)
    expect(toTheModel()).toContain('use the first one')
  })

  test('[PE-2] a third is edited before it is allowed, and the edited one runs', async () => {
    model(bash('touch asked-for'), { text: 'Made as you said.' })
    await terminal.submit('make the third file')
    await seen('touch asked-for')
    await tap('Edit')
    await page.getByRole('textbox', { name: 'Your version' }).fill('touch edited')
    await tap('Allow my version')
    await seen('Made as you said.')
    expect([made('asked-for'), made('edited')]).toEqual([false, true])
  })

  test('[PE-5] a fourth is always allowed, and the next one asks nobody', async () => {
    const scripts = { hello: 'echo good morning' }
    await writeFile(join(rig.project, 'package.json'), JSON.stringify({ name: 'shop', scripts }))
    model(bash('npm run hello'), { text: 'It greets.' })
    await terminal.submit('run the script')
    await seen('npm run hello')
    await tap('Always allow')
    await choose(/npm run/)
    await tap('Allow from now on')
    await seen('It greets.')
    model(bash('npm run hello'), { text: 'Again, unasked.' })
    await terminal.submit('and once more')
    await seen('Again, unasked.')
    expect(await button('Allow').count()).toBe(0)
  })

  test('[PE-1] a question with several answers is answered', async () => {
    const questions = [
      {
        question: 'Which extras do you want?',
        header: 'Extras',
        multiSelect: true,
        options: [
          { label: 'Lint', description: 'checks style' },
          { label: 'Tests', description: 'checks behaviour' },
          { label: 'Docs', description: 'explains' },
        ],
      },
    ]
    model({ tool: 'AskUserQuestion', input: { questions } }, { text: 'Lint and tests it is.' })
    await terminal.submit('ask me about extras')
    await seen('Which extras do you want?')
    await choose(/Lint/)
    await choose(/Tests/)
    await tap('Answer')
    await seen('Lint and tests it is.')
    expect(toTheModel()).toContain('Lint, Tests')
  })

  test('[PE-1] a plan is edited and approved', async () => {
    await terminal.press('BTab', 'BTab')
    await terminal.waitFor(/plan mode on/)
    model(
      { tool: 'ExitPlanMode', input: { plan: '# Plan\n\n1. Look at the tests\n2. Fix them' } },
      { text: 'Off we go.' },
    )
    await terminal.submit('make a plan')
    await seen('Plan ready')
    await tap('Edit the plan')
    const box = page.getByRole('textbox', { name: 'The plan' })
    await box.fill(`${await box.inputValue()}\n3. Say what was wrong`)
    await tap('Done')
    await tap('Approve plan')
    await seen('Off we go.')
    expect(toTheModel()).toContain('Say what was wrong')
  })

  test('[PE-4] a prompt answered first at the terminal disappears from the phone', async () => {
    model(bash('touch at-the-desk'), { text: 'Answered at the desk.' })
    await terminal.submit('make one more')
    await seen('touch at-the-desk')
    await terminal.waitFor(/Do you want to proceed/)
    await until(
      async () => {
        await terminal.press('Enter')
        return made('at-the-desk')
      },
      { timeoutMs: PATIENCE_MS, everyMs: 400, what: 'the answer at the terminal' },
    )
    await gone('Allow')
    await seen('Already allowed')
    await tap('Close')
    await seen('Answered at the desk.')
  })

  test('[CM-6] a message sent from the phone arrives as the person’s own', async () => {
    model({ text: 'Heard, from your phone.' })
    await page.getByRole('textbox', { name: 'Message' }).fill('carry on from the train')
    await tap('Send')
    await seen('Heard, from your phone.')
    expect(await terminal.screen({ history: true })).toContain('carry on from the train')
    const last = rig.api.requests.at(-1)?.body as { messages: { role: string; content: unknown }[] }
    const said = JSON.stringify(last.messages.filter((message) => message.role === 'user').at(-1))
    expect(said).toContain('carry on from the train')
    expect(said).not.toContain('Another Claude session')
  })

  test('[PU-3] the turn ends while nobody looks: a push comes, decrypts, and its tap opens the session', async () => {
    const address = page.url()
    await page.goto('about:blank')
    const before = push.received.length
    model({ text: 'Finished while you were away.', delayMs: 1_500 })
    await terminal.submit('finish it')
    const message = await until(
      () =>
        push.received
          .slice(before)
          .find(({ message }) => message.notification.data.kind === 'finished'),
      { timeoutMs: PATIENCE_MS, what: 'the push' },
    )
    expect(push.faults).toEqual([])
    expect(message.message.notification.navigate).toBe(address.split('/per_')[0])
    await page.goto(`${relay.url}/#/settings`)
    pushed = await pushedBrowser(page)
    const { tag } = message.message.notification
    // The browser drops what it is handed while the worker is being looked at for an update.
    await until(
      async () => {
        await pushed.deliver(JSON.stringify(message.message))
        return (await pushed.shown()).some((one) => one.tag === tag)
      },
      { timeoutMs: PATIENCE_MS, everyMs: 500, what: 'the notification' },
    )
    await pushed.tap(tag)
    await page.waitForURL(/#\/s\/ses_/)
    await seen('Finished while you were away.')
  })

  test('[I5] the relay is killed over a prompt: the terminal is unharmed; started again, nothing is lost and nothing twice', async () => {
    model(bash('touch over-the-crash'), { text: 'Made over the crash.' })
    await terminal.submit('make the last file')
    await seen('touch over-the-crash')
    await relay.kill()
    await terminal.waitFor(/Do you want to proceed/)
    relay = await startRelayProcess(args, env)
    await button('Allow').waitFor({ timeout: PATIENCE_MS })
    await until(async () => !(await button('Allow').isDisabled()), { timeoutMs: PATIENCE_MS })
    await tap('Allow')
    await seen('Made over the crash.')
    expect(made('over-the-crash')).toBe(true)
    for (const words of [
      'Made over the crash.',
      'Finished while you were away.',
      'Lint and tests it is.',
    ]) {
      expect(await page.getByText(words, { exact: true }).count()).toBeLessThanOrEqual(1)
    }
    expect(await page.getByText('make the last file', { exact: true }).count()).toBe(1)
  })

  test('[I12] the account’s key stands nowhere in the data folder, nor in what a phone was sent', async () => {
    const key = rig.env.ANTHROPIC_API_KEY ?? ''
    expect(key).not.toBe('')
    const folder = join(rig.folder, 'data')
    const names = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const name of names.filter((one) => one.isFile())) {
      const text = await readFile(join(name.parentPath, name.name), 'latin1')
      expect(text.includes(key), name.name).toBe(false)
    }
    expect(await page.content()).not.toContain(key)
  })
})
