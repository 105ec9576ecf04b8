import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { createScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 27_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/27.2 Mobile/15E148 Safari/604.1'

test('[HT-3] the app runs under its strict policy without a single breach, worker included', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const id = await running.source.start('policy')
  await running.source.say(id, 'message.agent', {
    messageId: 'm',
    text: '# Title\n\n- one\n- `two`\n\n```ts\nconst a = 1\n```',
  })
  await running.source.say(id, 'tool.started', {
    toolCallId: 't1',
    tool: { kind: 'edit', name: 'Edit', path: 'a.ts', edits: [{ before: 'a', after: 'b' }] },
  })
  await page.getByText('policy').first().click()
  await app.sees('Title')
  await page.goto(`${running.origin}/#/settings`)
  await app.sees('Remove this phone')
  const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope)
  expect(scope).toBe(`${running.origin}/`)
  const header = await page.evaluate(async () =>
    (await fetch('/')).headers.get('content-security-policy'),
  )
  expect(header).toContain("require-trusted-types-for 'script'")
  expect(app.complaints).toEqual([])
})

test('[PR-3] in an iPhone’s Safari tab the code is not spent; the Home Screen comes first', async () => {
  await using running = await startRelay()
  await using app = await openAppOnPhone({ running, paired: false, browser: { userAgent: IPHONE } })
  const offer = await running.relay.pairing.offer({ confirm: false })
  await app.page.goto(offer.pairUrl)
  await app.sees('First, put Bellhop on your Home Screen')
  const state = await running.relay.pairing.offerState(
    offer.pairingId,
    undefined,
    AbortSignal.timeout(1_000),
  )
  expect(state).toEqual({ state: 'open' })
  await using phone = await running.phone({ pairUrl: offer.pairUrl })
  expect(phone.states.at(-1)).toEqual({ state: 'live' })
})

test('[PR-6] a typed code pairs after the terminal has compared two digits', async () => {
  await using running = await startRelay()
  await using app = await openAppOnPhone({ running, paired: false })
  const offer = await running.relay.pairing.offer({ confirm: false })
  await app.page.goto(`${running.origin}/#/pair/code`)
  await app.page.getByRole('textbox', { name: 'Pairing code' }).fill(offer.pairCode.toLowerCase())
  await app.tap('Pair')
  const claimed = await until(async () => {
    const state = await running.relay.pairing.offerState(
      offer.pairingId,
      'open',
      AbortSignal.timeout(5_000),
    )
    return state.state === 'claimed' && state
  })
  await app.sees(claimed.check)
  await running.relay.pairing.decide(offer.pairingId, true)
  await app.sees('No sessions yet')
})

test('[I4] without its relay the app opens from what it knew, says since when, and answers nothing', async () => {
  await using running = await startRelay()
  await using app = await openAppOnPhone({ running })
  const id = await running.source.start('Refunds round the wrong way')
  await running.source.ask(id, 'per_1', shellAsk('rm -rf build'))
  await app.page.getByRole('link', { name: 'Review' }).waitFor()
  await app.pocket()
  await running.stop()
  await app.page.reload()
  await app.sees('Refunds round the wrong way')
  await app.sees(/No word from/)
  expect(await app.page.getByRole('button', { name: 'Deny', exact: true }).count()).toBe(0)
})

test('[AU-8] a removed phone says so at once and keeps nothing', async () => {
  await using app = await openAppOnPhone()
  const { running, page } = app
  await running.source.start('secret work')
  await app.sees('secret work')
  const [device] = running.relay.devices.list()
  if (!device) throw new Error('no device')
  const startedMs = performance.now()
  await running.relay.devices.revoke(device.deviceId)
  await app.sees('This phone was removed')
  expect(performance.now() - startedMs).toBeLessThan(3_000)
  await page.reload()
  await page.waitForLoadState()
  expect(await page.getByText('secret work').count()).toBe(0)
})

test('[PE-3] what another phone answers first is shown as gone, and nothing that was tapped is applied', async () => {
  await using app = await openAppOnPhone()
  const { running, page } = app
  await using other = await running.phone({ name: 'Desk browser' })
  const { source } = running
  const id = await source.start('shared')
  await source.ask(id, 'per_1', shellAsk('ls'))
  await page.getByRole('link', { name: 'Review' }).click()
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
  const { wait } = await other.findWait()
  source.onPerform = ({ by }) =>
    source.say(id, 'permission.resolved', { permissionId: 'per_1', outcome: 'allowed', by })
  await other.send({
    type: 'decide_permission',
    sessionId: id,
    permissionId: wait.permissionId,
    shownHash: await other.shown(wait.ask),
    decision: { behavior: 'allow' },
  })
  await app.sees(/Already allowed/)
  await app.sees(/Desk browser/)
  expect(await page.getByRole('button', { name: 'Allow', exact: true }).count()).toBe(0)
  expect(source.performed).toHaveLength(1)
})

test('[CM-1] a message written without a line goes out once when the relay is back, and a draft survives', async () => {
  await using first = await startRelay()
  const port = Number(new URL(first.origin).port)
  await using app = await openAppOnPhone({ running: first })
  const { page } = app
  const id = await first.source.start('train ride')
  await app.sees('train ride')
  await page.getByText('train ride').first().click()
  const box = page.getByRole('textbox', { name: 'Message' })
  await box.waitFor()
  await app.pocket()
  await first.stop()
  await box.fill('carry on, please')
  await app.tap('Send')
  await app.sees('carry on, please')
  await box.fill('half a thought')
  await page.waitForTimeout(500)
  await page.reload()

  const source = createScriptedSource()
  await using second = await startRelay({ dataDir: first.dataDir, source, config: { port } })
  await until(() => source.performed.length > 0, { timeoutMs: 20_000, what: 'the message' })
  expect(second.origin).toBe(first.origin)
  expect(source.performed).toHaveLength(1)
  expect(source.performed[0]?.command).toMatchObject({
    type: 'prompt',
    sessionId: id,
    text: 'carry on, please',
  })
  await until(async () => (await box.inputValue()) === 'half a thought')
})

test('[I6] a session of ten thousand events opens at its end with few elements, and can be read back', async () => {
  await using app = await openAppOnPhone()
  const { running, page } = app
  const id = await running.source.start('long haul')
  const at = new Date().toISOString()
  for (let batch = 0; batch < 20; batch++) {
    await running.source.sayAll(
      Array.from({ length: 500 }, (_, i) => {
        const n = batch * 500 + i
        const text = `word number ${n}`
        return {
          sessionId: id,
          at,
          dedupeKey: `m${n}`,
          type: 'message.agent',
          messageId: `m${n}`,
          text,
        } as const
      }),
    )
  }
  await page.getByText('long haul').first().click()
  await app.sees('word number 9999')
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(1_500)
})

test('[I8] hostile words are shown as words: no script, no foreign link, no picture fetched, nothing unseen', async () => {
  await using app = await openAppOnPhone()
  const { running, page } = app
  const fetched: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(running.origin) && !request.url().startsWith('data:'))
      fetched.push(request.url())
  })
  const id = await running.source.start('<img src=x onerror=alert(1)>')
  const text = [
    '<script>document.title = "owned"</script>',
    '[click](javascript:document.title="owned") ![pic](https://evil.test/p.png)',
    '<iframe src="https://evil.test"></iframe>',
  ].join('\n\n')
  await running.source.say(id, 'message.agent', { messageId: 'm', text })
  await running.source.ask(id, 'per_1', shellAsk('echo safe \u202e fr- mr'))
  await page.getByRole('link', { name: 'Review' }).click()
  await app.sees(/202E/)
  expect(
    await page.evaluate(
      () => document.querySelectorAll('script:not([src]), iframe, img[src^="http"]').length,
    ),
  ).toBe(0)
  expect(await page.evaluate(() => document.querySelectorAll('a[href^="javascript"]').length)).toBe(
    0,
  )
  expect(await page.title()).not.toBe('owned')
  expect(fetched).toEqual([])
})

test('[ST-6] coming back to the screen connects at once and shows what happened meanwhile', async () => {
  await using app = await openAppOnPhone()
  const { running, page } = app
  const id = await running.source.start('pocket')
  await app.sees('pocket')
  await page.context().setOffline(true)
  await running.source.say(id, 'message.agent', { messageId: 'm', text: 'while you were away' })
  await page.context().setOffline(false)
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await app.sees('while you were away')
})

test('[PE-4] what was answered while the app was closed does not come on its screen again', async () => {
  await using app = await openAppOnPhone()
  const { running, page } = app
  const { source } = running
  const id = await source.start('pocket')
  await source.ask(id, 'per_1', shellAsk('rm -rf build'))
  await page.getByRole('link', { name: 'Review' }).waitFor()
  await app.pocket()
  await page.goto('about:blank')
  const by = { kind: 'terminal' } as const
  await source.say(id, 'permission.resolved', { permissionId: 'per_1', outcome: 'allowed', by })
  await page.goto(new URL(`/#/s/${id}`, running.origin).href)
  await page.getByRole('textbox', { name: 'Message' }).waitFor()
  await source.ask(id, 'per_2', shellAsk('ls'))
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
  expect(await page.getByText('Already allowed').count()).toBe(0)
})

test('[PE-2] a step of an answer that takes words has the cursor in them', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const id = await running.source.start('words')
  await running.source.ask(id, 'per_1', shellAsk('ls'))
  await page.getByRole('link', { name: 'Review' }).click()
  for (const [step, box] of [
    ['Edit', 'Your version'],
    ['Deny with a note', 'Reason'],
  ] as const) {
    await app.tap(step)
    await until(
      () =>
        page.getByRole('textbox', { name: box }).evaluate((one) => one === document.activeElement),
      { what: `the cursor in ${box}` },
    )
    await app.tap('Back')
  }
})
