// The main job, end to end: a session of an agent, the built relay as a process of its own, the built
// app in Chromium at a phone’s size, a push service that decrypts. Read this first. Told once for the
// real `claude` in a terminal, and once for a session behind the session API.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPhoneBrowser } from '../support/browser.ts'
import { writeQrVideo } from '../support/fake-camera.ts'
import { fakePushManager, type PushedBrowser, pushedBrowser } from '../support/fake-push-manager.ts'
import type { ModelTurn } from '../support/model-script.ts'
import { startPushService, type TestPushService } from '../support/push-service.ts'
import { type RelayProcess, startRelayProcess } from '../support/relay-process.ts'
import { until } from '../support/until.ts'
import { startCloudStage } from './cloud-stage.ts'
import type { Stage } from './stage.ts'
import { startTerminalStage } from './terminal-stage.ts'

const PATIENCE_MS = 20_000

const STAGES = [
  { where: 'in a terminal of this machine', start: startTerminalStage },
  { where: 'in the cloud', start: startCloudStage },
]

describe.each(STAGES)('the story of a session $where', ({ start }) => {
  const undo = new AsyncDisposableStack()
  let stage: Stage
  let push: TestPushService
  let relay: RelayProcess
  let page: Page
  let pushed: PushedBrowser
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
  const model = (...turns: ModelTurn[]) => stage.model(...turns)
  const bash = (command: string): ModelTurn => ({
    tool: 'Bash',
    input: { command, description: 'try it' },
  })
  const made = (name: string) => stage.touched(name)

  beforeAll(async () => {
    stage = undo.use(await start(PATIENCE_MS))
    push = undo.use(await startPushService())
    env = { ...stage.env, BELLHOP_PUSH_HOSTS: push.host, BELLHOP_PUSH_GRACE_MS: '0' }
    const dataDir = join(stage.folder, 'data')
    await stage.prepare(dataDir)
    args = ['--data-dir', dataDir, ...stage.relayArgs]
    relay = await startRelayProcess([...args, '--port', '0'], env)
    undo.defer(() => relay[Symbol.asyncDispose]())
    args.push('--port', new URL(relay.url).port)
    const camera = join(stage.folder, 'qr.y4m')
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
      await writeFile(`test-results/${name}.txt`, await stage.screen())
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

  test('[ST-2] a session that is started appears, and its words come live', async () => {
    await stage.open()
    await seen('project')
    const words = 'First we look around.\nThen we change one thing.\nAnd then we are done with it.'
    model({ text: words, chunkMs: 150 })
    await stage.say('tidy up the repository')
    await page.getByText('tidy up the repository').first().click()
    await seen('First we look around.')
    // Its end has not been written yet, so what stands there came as it was said.
    if (stage.speaksLive) {
      expect(await page.getByText('And then we are done with it.').count()).toBe(0)
    }
    await seen('And then we are done with it.')
  })

  test('[PE-1] a command is allowed, and runs', async () => {
    model(bash('touch allowed'), { text: 'It is there.' })
    await stage.say('make the first file')
    await seen('Run a command?')
    await seen('touch allowed')
    expect(made('allowed')).toBe(false)
    await tap('Allow')
    await seen('It is there.')
    expect(made('allowed')).toBe(true)
  })

  test('[PE-1] another is denied with a reason, and the model is told', async () => {
    model(bash('touch denied'), { text: 'Then not.' })
    await stage.say('make the second file')
    await seen('touch denied')
    await tap('Deny with a note')
    await page.getByRole('textbox', { name: 'Reason' }).fill('use the first one')
    await tap('Deny')
    await seen('Then not.')
    expect(made('denied')).toBe(false)
    expect(stage.toTheModel()).toContain('use the first one')
  })

  test('[PE-2] [CM-4] a third is edited before it is allowed, and the edited one runs; where that cannot be, nothing offers it', async () => {
    model(bash('touch asked-for'), { text: 'Made as you said.' })
    await stage.say('make the third file')
    await seen('touch asked-for')
    await button('Allow').waitFor()
    if (stage.canEdit) {
      await tap('Edit')
      await page.getByRole('textbox', { name: 'Your version' }).fill('touch edited')
      await tap('Allow my version')
    } else {
      expect(await button('Edit').count()).toBe(0)
      await tap('Allow')
    }
    await seen('Made as you said.')
    const asAsked = !stage.canEdit
    expect([made('asked-for'), made('edited')]).toEqual([asAsked, !asAsked])
  })

  test('[PE-5] a fourth is always allowed, and the next one asks nobody', async () => {
    await stage.offerScript()
    model(bash('npm run hello'), { text: 'It greets.' })
    await stage.say('run the script')
    await seen('npm run hello')
    await tap('Always allow')
    await choose(/npm run/)
    await tap('Allow from now on')
    await seen('It greets.')
    model(bash('npm run hello'), { text: 'Again, unasked.' })
    await stage.say('and once more')
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
    await stage.say('ask me about extras')
    await seen('Which extras do you want?')
    await choose(/Lint/)
    await choose(/Tests/)
    await tap('Answer')
    await seen('Lint and tests it is.')
    expect(stage.toTheModel()).toContain('Lint, Tests')
  })

  test('[PE-1] a plan is edited and approved', async () => {
    await stage.enterPlanMode()
    model(
      { tool: 'ExitPlanMode', input: { plan: '# Plan\n\n1. Look at the tests\n2. Fix them' } },
      { text: 'Off we go.' },
    )
    await stage.say('make a plan')
    await seen('Plan ready')
    await tap('Edit the plan')
    const box = page.getByRole('textbox', { name: 'The plan' })
    await box.fill(`${await box.inputValue()}\n3. Say what was wrong`)
    await tap('Done')
    await tap('Approve plan')
    await seen('Off we go.')
    expect(stage.toTheModel()).toContain('Say what was wrong')
  })

  test('[PE-4] a prompt answered first at the desk disappears from the phone', async () => {
    model(bash('touch at-the-desk'), { text: 'Answered at the desk.' })
    await stage.say('make one more')
    await seen('touch at-the-desk')
    await stage.allowAtDesk('at-the-desk')
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
    const said = stage.lastWords()
    expect(said).toContain('carry on from the train')
    expect(said).not.toContain('Another Claude session')
  })

  test('[PU-3] the turn ends while nobody looks: a push comes, decrypts, and its tap opens the session', async () => {
    const address = page.url()
    await page.goto('about:blank')
    const before = push.received.length
    model({ text: 'Finished while you were away.', delayMs: 1_500 })
    await stage.say('finish it')
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

  test('[I5] the relay is killed over a prompt: the session is unharmed; started again, nothing is lost and nothing twice', async () => {
    model(bash('touch over-the-crash'), { text: 'Made over the crash.' })
    await stage.say('make the last file')
    await seen('touch over-the-crash')
    await relay.kill()
    await stage.stillAsksAtDesk()
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
    expect(stage.secrets).not.toContain('')
    const names = await readdir(join(stage.folder, 'data'), {
      recursive: true,
      withFileTypes: true,
    })
    for (const name of names.filter((one) => one.isFile())) {
      const text = await readFile(join(name.parentPath, name.name), 'latin1')
      for (const secret of stage.secrets) expect(text.includes(secret), name.name).toBe(false)
    }
    const shown = await page.content()
    for (const secret of stage.secrets) expect(shown).not.toContain(secret)
  })
})
