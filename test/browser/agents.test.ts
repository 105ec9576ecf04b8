import {
  type Command,
  newCommandId,
  type Receipt,
  type Scope,
  type SessionId,
  shownHash,
} from '@bellhop/core'
import { createRelayClient } from '@bellhop/core/client'
import { expect, test } from 'vitest'
import { agentKeyOf, readAgentFile } from '../../apps/relay/src/mcp/agent-files.ts'
import { type AppOnPhone, openAppOnPhone } from '../support/app-on-phone.ts'
import { addMcpAgent, deskOf, startMcpAgent } from '../support/mcp-agent.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { until } from '../support/until.ts'
import type { Wish } from '../support/virtual-phone.ts'

/** An agent that asks first, as a client of the relay: what it sends, and what it is told of it. */
const agentThatAsks = async ({ running }: AppOnPhone) => {
  const name = await addMcpAgent(running, { asksFirst: true })
  const file = await readAgentFile(running.dataDir, name)
  if (!file) throw new TypeError('no agent file')
  const client = createRelayClient({ origin: running.origin, key: await agentKeyOf(file) })
  const ask = async (wish: Wish & { expiresAt?: string }) => {
    const command = { ...wish, commandId: newCommandId() } as Command
    const told = () => client.call('command', command)
    expect(await told()).toMatchObject({ state: 'pending' })
    return {
      told: async (): Promise<Receipt> => {
        let receipt = await told()
        await until(async () => {
          receipt = await told()
          return receipt.state !== 'pending'
        })
        return receipt
      },
    }
  }
  return {
    ask,
    deviceId: file.deviceId,
    say: (sessionId: SessionId, text: string) => ask({ type: 'prompt', sessionId, text }),
  }
}

const phoneWith = async (scopes: readonly Scope[]) => {
  const app = await openAppOnPhone({ paired: false })
  const { pairUrl } = await app.running.relay.pairing.offer({ confirm: false, scopes })
  await app.page.goto(pairUrl)
  await app.sees('No sessions yet')
  return app
}

/** For a machine that has other things to do. */
const SOON = { timeout: 10_000 }

const prompts = ({ running }: AppOnPhone) =>
  running.source.performed.map(({ command }) => (command.type === 'prompt' ? command.text : ''))

test('[HC-1] what an agent over MCP wants to say lies on the list, is read whole, allowed, and told as the agent’s', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('Refunds')
  await source.say(id, 'turn.started')
  await using agent = await startMcpAgent(running, { asksFirst: true })
  const text = `Look at total.ts\u202E first.\n\n${'Then run the whole suite. '.repeat(100)}The end.`
  const sent = await agent.call('send_message', { sessionId: id, text })
  expect(sent).toMatchObject({ isError: false, value: { state: 'pending' } })

  await app.sees('1 needs you')
  const slip = page.locator('.waiting-slip')
  await slip.getByText('desktop wants to send a message').waitFor()
  expect(await slip.locator('.command').textContent()).toContain('Look at total.ts')
  await page.goto(`${running.origin}/#/s/${id}`)

  // It stands beside the person's own words and does not keep them.
  await page.locator('.ticket', { hasText: 'desktop wants to send a message' }).waitFor()
  await app.sees('Working')
  await page.getByRole('textbox', { name: 'Message' }).fill('And mine.')
  await app.tap('Send')
  await expect.poll(() => prompts(app), SOON).toEqual(['And mine.'])

  await page.locator('.ticket').getByRole('button', { name: 'Review' }).click()
  const sheet = page.getByRole('dialog', { name: 'desktop wants to send a message' })
  await sheet.getByText('is another agent, not a person').waitFor()
  await sheet.getByText('U+202E').waitFor()
  // A yes only after the end of it has been on the screen, and nothing is chosen beforehand.
  const allow = sheet.getByRole('button', { name: 'Allow once' })
  const onward = sheet.getByRole('button', { name: 'Read to the end' })
  await onward.waitFor()
  expect(await allow.count()).toBe(0)
  const readOn = async () => {
    if (await allow.isVisible()) return true
    await onward.click({ timeout: 1_000 }).catch(() => {})
    return false
  }
  // A page is turned as smoothly as the machine is fast.
  await until(readOn, { everyMs: 500, timeoutMs: 20_000 })
  expect(await sheet.getByText('The end.').isVisible()).toBe(true)
  expect(await sheet.locator('.button.primary').count()).toBe(0)
  expect(prompts(app)).toHaveLength(1)
  await allow.click()
  await expect.poll(() => prompts(app).length, SOON).toBe(2)
  const [, told = ''] = prompts(app)
  await source.say(id, 'message.person', { messageId: 'echo', text: told, from: 'person' })

  await sheet.waitFor({ state: 'detached' })
  const asked = page.locator('.entry', { hasText: 'Agent desktop asked to send a message' })
  await asked.getByText(/^Allowed on .+ at/).waitFor()
  const words = page.locator('.slip.foreign')
  await words.getByText('Agent desktop').waitFor()
  expect(await words.textContent()).toContain('Look at total.ts')
  expect(await page.locator('.slip', { hasText: 'And mine.' }).textContent()).toContain('You, on')
  expect(app.complaints).toEqual([])
})

test('[HC-4] a no with its reason is what the agent is told, and nothing reaches the session', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const id = await running.source.start('Refunds')
  const agent = await agentThatAsks(app)
  const sent = await agent.say(id, 'Drop the table.')
  await page.getByRole('link', { name: 'Review' }).click()
  await app.tap('Deny with a note')
  await page.getByRole('textbox', { name: 'Reason' }).fill('Use the copy.')
  await app.tap('Deny')
  expect(await sent.told()).toMatchObject({
    state: 'refused',
    code: 'agent_not_allowed',
    text: 'A person said no: Use the copy.',
  })
  await page.getByText(/^Denied on .+ “Use the copy.”$/).waitFor()
  // Told once: under the asking, not as a failure of the session as well.
  expect(await page.getByText('Not done').count()).toBe(0)
  await page.locator('.entry-line', { hasText: 'asked to send a message' }).click()
  await app.sees('Drop the table.')
  expect(running.source.performed).toEqual([])

  // From the list, where it is not read whole, only a no is to be had.
  await page.goto(`${running.origin}/#/`)
  const second = await agent.say(id, 'Drop it now.')
  const slip = page.locator('.waiting-slip')
  await slip.waitFor()
  expect(await slip.getByRole('button').allTextContents()).toEqual(['Deny'])
  await slip.getByRole('button', { name: 'Deny' }).click()
  expect(await second.told()).toMatchObject({ state: 'refused', code: 'agent_not_allowed' })
  expect(running.source.performed).toEqual([])
  expect(app.complaints).toEqual([])
})

test('[I11] [HC-4] what another phone allows, runs out or loses its agent is gone, and the sheet says how', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  await using tablet = await running.phone({ name: 'Tablet' })
  const id = await running.source.start('Refunds')
  const agent = await agentThatAsks(app)
  const review = async () => {
    await page.goto(`${running.origin}/#/`)
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByRole('button', { name: 'Allow once' }).waitFor()
  }
  const closes = async () => {
    expect(await page.getByRole('button', { name: 'Allow once' }).count()).toBe(0)
    await app.tap('Close')
  }

  await agent.say(id, 'First.')
  await review()
  const { wait } = await tablet.findWait()
  await tablet.send({
    type: 'decide_permission',
    sessionId: id,
    permissionId: wait.permissionId,
    shownHash: await shownHash(wait.ask),
    decision: { behavior: 'allow' },
  })
  await page.getByRole('dialog', { name: 'Already allowed, on Tablet' }).waitFor()
  await page.getByRole('dialog').getByText('First.').waitFor()
  await closes()
  await expect.poll(() => prompts(app).length, SOON).toBe(1)

  const expiresAt = new Date(Date.now() + 7_000).toISOString()
  const late = await agent.ask({ type: 'prompt', sessionId: id, text: 'Second.', expiresAt })
  await review()
  await page.getByRole('dialog', { name: 'No longer asked' }).waitFor()
  await page
    .getByRole('dialog')
    .getByText(/Nobody said yes or no to this in time/)
    .waitFor()
  await closes()
  expect(await late.told()).toMatchObject({ state: 'refused', code: 'agent_not_answered' })

  await agent.say(id, 'Third.')
  await review()
  await (await deskOf(running.dataDir, running.origin)).call('revoke', { deviceId: agent.deviceId })
  await page.getByRole('dialog', { name: 'No longer asked' }).waitFor()
  await closes()
  expect(prompts(app)).toHaveLength(1)
  expect(app.complaints).toEqual([])
})

test('[I6] a message of the longest kind, made to be drawn slowly, opens at once', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const id = await running.source.start('Refunds')
  const agent = await agentThatAsks(app)
  await agent.say(id, 'a\u200b'.repeat(50_000))
  await page.getByRole('link', { name: 'Review' }).click()
  await page.getByRole('button', { name: 'Read to the end' }).waitFor({ timeout: 10_000 })
  await page.getByRole('button', { name: 'Deny', exact: true }).click()
  await page.getByText(/^Denied on/).waitFor()
})

test('[HC-2] a phone that could not do it itself sees all of it, without buttons, and is told why', async () => {
  await using app = await phoneWith(['watch', 'answer'])
  const { page, running } = app
  const id = await running.source.start('Refunds')
  const agent = await agentThatAsks(app)
  await agent.say(id, 'Tell me when it is done.')
  const slip = page.locator('.waiting-slip')
  await slip.getByText('desktop wants to send a message').waitFor()
  expect(await slip.getByRole('button').count()).toBe(0)
  await slip.getByRole('link', { name: 'Review' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByText('Tell me when it is done.').waitFor()
  await sheet.getByText('must be allowed to type. This phone is not.').waitFor()
  expect(await sheet.getByRole('button').count()).toBe(0)
})

test('an answer of an agent is shown with what it is to, and a yes to a careful ask takes a finger', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  await page.setViewportSize({ width: 1280, height: 800 })
  const id = await source.start('Refunds')
  const ask = { ...shellAsk('rm -r build dist'), careful: true } as const
  await source.ask(id, 'per_tool', ask)
  const agent = await agentThatAsks(app)
  await agent.ask({
    type: 'decide_permission',
    sessionId: id,
    permissionId: 'per_tool' as never,
    shownHash: await shownHash(ask),
    decision: { behavior: 'allow', input: { command: 'rm -r build' } },
  })
  await app.sees('and 1 more')
  const held = await until(async () => {
    const { sessions } = await (await deskOf(running.dataDir, running.origin)).call(
      'sessions',
      null,
    )
    return sessions[0]?.waits.find((wait) => wait.ask.kind === 'agent')?.permissionId
  })
  await page.goto(`${running.origin}/#/s/${id}/${held}`)
  const sheet = page.getByRole('dialog', { name: 'desktop wants to answer a permission' })
  await sheet.getByText('What the session asks: Run a command?').waitFor()
  await sheet.getByText('rm -r build dist').waitFor()
  await sheet.getByText('Allow, changed as below').waitFor()
  await sheet.getByText('rm -r build', { exact: true }).waitFor()
  const allow = sheet.getByRole('button', { name: 'Allow once' })
  await allow.waitFor()
  // Longer than a sheet has to stand before its keys count.
  await page.waitForTimeout(800)
  await page.keyboard.press('Alt+a')
  expect(await allow.getAttribute('aria-keyshortcuts')).toBeNull()
  expect(source.performed).toEqual([])
  await allow.click()
  await expect.poll(() => source.performed.length, SOON).toBe(1)
  expect(source.performed[0]?.command).toMatchObject({
    type: 'decide_permission',
    permissionId: 'per_tool',
    decision: { behavior: 'allow', input: { command: 'rm -r build' } },
  })
  expect(app.complaints).toEqual([])
})

test('on a wide screen an agent’s ask stands over the composer and keys answer it', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  await page.setViewportSize({ width: 1280, height: 800 })
  const id = await running.source.start('Refunds')
  const agent = await agentThatAsks(app)
  await agent.say(id, 'One.')
  await app.sees('1 needs you')
  await page.keyboard.press('j')
  const allow = page.getByRole('button', { name: 'Allow once' })
  await allow.waitFor()
  await until(async () => {
    const sheet = await page.locator('dialog.sheet').boundingBox()
    const box = await page.getByRole('textbox', { name: 'Message' }).boundingBox()
    return sheet && box && sheet.y + sheet.height <= box.y
  })
  await page.waitForTimeout(800)
  await page.keyboard.press('Alt+a')
  await expect.poll(() => prompts(app).length, SOON).toBe(1)
  await agent.say(id, 'Two.')
  await page.getByRole('dialog').getByText('Two.').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.ticket').getByRole('button', { name: 'Review' }).click()
  await allow.waitFor()
  await page.waitForTimeout(800)
  await page.keyboard.press('Alt+d')
  await page.getByText(/^Denied on/).waitFor()
  expect(prompts(app)).toHaveLength(1)
  expect(app.complaints).toEqual([])
})

test('[MC-1] settings show agents as agents, with what they may do and that they ask, and remove them', async () => {
  await using app = await phoneWith(['watch', 'answer', 'drive', 'admin'])
  const { page, running } = app
  const id = await running.source.start('Refunds')
  const agent = await agentThatAsks(app)
  await addMcpAgent(running, { name: 'night-review', scopes: ['watch'] })
  await agent.say(id, 'One.')
  await page.goto(`${running.origin}/#/settings`)
  await page.getByRole('link', { name: 'What was done' }).click()
  const done = page.locator('.done-cell', { hasText: 'Agent desktop' })
  await done.getByText('Waits for a yes', { exact: true }).waitFor()
  await page.goto(`${running.origin}/#/settings/devices`)
  const agents = page.locator('.section', { hasText: 'Other agents, over MCP' })
  await agents.getByText('May watch, answer and type. Asks you first').waitFor()
  expect(await agents.getByText('May watch', { exact: true }).count()).toBe(1)
  expect(await agents.locator('.cell').count()).toBe(2)
  await agents.getByRole('button', { name: /^desktop/ }).click()
  await app.sees('It is cut off at once')
  await app.tap('Remove')
  await agents.getByText('Asks you first').waitFor({ state: 'detached' })
  expect(await agents.locator('.cell').count()).toBe(1)
  await page.goto(`${running.origin}/#/`)
  await app.sees('All quiet')
  expect(app.complaints).toEqual([])
})
