import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { letAgentIn, says } from '../support/asking-agent.ts'
import { shellAsk } from '../support/scripted-source.ts'

const ASLEEP = 'Stored. Its machine is not connected; it gets it when it is back.'

test('[CM-8] own words show how far they got, with a trail, and doubt is neither taken nor refused', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('receipts')
  await page.getByText('receipts').first().click()
  const write = async (words: string) => {
    await page.getByRole('textbox', { name: 'Message' }).fill(words)
    await app.tap('Send')
  }
  const stage = (commandId: string | undefined, name: string) =>
    source.say(id, 'command.progressed', { commandId, stage: name })
  source.onPerform = async ({ command }) => {
    await stage(command.commandId, 'stored')
    return { unconfirmed: ASLEEP }
  }
  await write('First words')
  const slip = page.locator('.slip', { hasText: 'First words' })
  await slip.getByText('Not confirmed').waitFor()
  await slip.getByText(ASLEEP).waitFor()
  expect(await slip.locator('.receipt.bad, .receipt.taken').count()).toBe(0)
  await slip.getByRole('button', { name: /Not confirmed/ }).click()
  expect(await slip.locator('.trail span').allTextContents()).toEqual([
    'Written',
    'Stored for the session',
    'Not confirmed',
  ])

  const first = source.performed[0]?.command.commandId
  await stage(first, 'received')
  await slip.locator('.receipt.taken').waitFor()
  await slip.getByText(ASLEEP).waitFor({ state: 'detached' })
  await source.say(id, 'turn.started')
  await source.say(id, 'message.person', {
    messageId: 'p1',
    text: 'First words',
    from: 'person',
    causedBy: first,
    deviceName: 'iPhone',
  })
  await stage(first, 'processing')
  await slip
    .getByText(/being worked on/)
    .first()
    .waitFor()
  await slip.getByText(/\d, being worked on/).waitFor()
  // What an agent waits to be allowed does not keep the session from its work.
  await using agent = await letAgentIn(running)
  await says(agent, id, 'And deploy it')
  await page.locator('.ticket', { hasText: 'desktop wants to send a message' }).waitFor()
  expect(await slip.getByText(/\d, being worked on/).count()).toBe(1)
  await stage(first, 'processed')
  await slip.getByText(/, being worked on/).waitFor({ state: 'detached' })
  await slip.getByRole('button').click()
  expect(await slip.locator('.trail span').allTextContents()).toContain('Done with')
})

test('[CM-5] an echo that is only stored does not say that the session has it', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('echo')
  await page.getByText('echo').first().click()
  source.onPerform = async ({ command }) => {
    const { commandId } = command
    await source.say(id, 'command.progressed', { commandId, stage: 'stored' })
    const echo = { messageId: 'p', text: 'Are you there?', from: 'person', causedBy: commandId }
    await source.say(id, 'message.person', { ...echo, deviceName: 'iPhone' })
    await page.getByText('Stored. The session has not said yet that it has it.').waitFor()
    return { unconfirmed: ASLEEP }
  }
  await page.getByRole('textbox', { name: 'Message' }).fill('Are you there?')
  await app.tap('Send')
  await app.sees(ASLEEP)
  await app.sees('Not confirmed')
})

test('[PE-2] an answer that was not confirmed says so, and goes when the ask does', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('answers')
  await source.ask(id, 'per_1', shellAsk('ls'))
  source.onPerform = () => Promise.resolve({ unconfirmed: ASLEEP })
  await page.getByRole('link', { name: 'Review' }).click()
  await app.tap('Allow')
  await app.sees(`Not confirmed. ${ASLEEP}`)
  expect(await page.getByRole('button', { name: 'Allowing' }).isDisabled()).toBe(true)
  await source.say(id, 'permission.resolved', {
    permissionId: 'per_1',
    outcome: 'allowed',
    by: { kind: 'source', name: 'another device' },
  })
  await app.sees('Already allowed, on another device')
  expect(await page.getByText('What you tapped was not applied.').count()).toBe(0)
  expect(source.performed).toHaveLength(1)
})

test('[CM-5] an answer the session is slow to take is not said to be taken until it is', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('slow')
  await source.ask(id, 'per_1', shellAsk('ls'))
  const taken = Promise.withResolvers<void>()
  source.onPerform = () => taken.promise
  await page.getByRole('link', { name: 'Review' }).click()
  await app.tap('Allow')
  await app.sees('Not confirmed. Looking it up.')
  expect(await page.getByRole('button', { name: 'Allowing' }).isVisible()).toBe(true)
  taken.resolve()
  await page.getByText('Looking it up.').waitFor({ state: 'detached' })
  await source.say(id, 'permission.resolved', {
    permissionId: 'per_1',
    outcome: 'allowed',
    by: { kind: 'source' },
    causedBy: source.performed[0]?.command.commandId,
  })
  await page.locator('dialog').waitFor({ state: 'detached' })
  expect(source.performed).toHaveLength(1)
})
