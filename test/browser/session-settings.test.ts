import { RelayError } from '@bellhop/core'
import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { until } from '../support/until.ts'

const choices = {
  models: [
    { value: 'opus', words: 'Opus' },
    { value: 'sonnet', words: 'Sonnet' },
  ],
  permissionModes: [
    { value: 'default', words: 'Ask first' },
    { value: 'acceptEdits', words: 'Accept edits' },
    { value: 'bypassPermissions', words: 'Bypass' },
  ],
  thinking: [
    { value: '0', words: 'None' },
    { value: '16000', words: 'Long' },
  ],
}
const facts = { model: 'sonnet', permissionMode: 'default', contextUsed: 0.62, choices }

test('[CM-6] settings are changed from a session’s details, and each says what came of it', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('settings', facts)
  await page.getByText('settings').first().click()
  await app.tap('More about this session')
  await app.sees('62 %')

  source.onPerform = async () => {
    await source.say(id, 'session.changed', { permissionMode: 'acceptEdits' })
  }
  await page.getByRole('button', { name: /^Permissions/ }).click()
  expect(await page.getByRole('radio').allTextContents()).toEqual(['Ask first', 'Accept edits'])
  await page.getByRole('radio', { name: 'Accept edits' }).click()
  await app.sees(/^Done at/)
  await page.getByRole('button', { name: /^Permissions.*Accept edits/ }).waitFor()

  source.onPerform = () =>
    Promise.reject(new RelayError('source_refused', { reason: 'This model is not for you.' }))
  await page.getByRole('button', { name: /^Model/ }).click()
  await page.getByRole('radio', { name: 'Opus' }).click()
  await app.sees(/^Not done\./)
  await page.getByRole('button', { name: /^Model.*Sonnet/ }).waitFor()

  source.onPerform = () => Promise.resolve({ unconfirmed: 'Its machine may be asleep.' })
  await page.getByRole('button', { name: /^Thinking/ }).click()
  await page.getByRole('radio', { name: 'Long' }).click()
  await app.sees('Not confirmed. Its machine may be asleep.')
  const asked = source.performed.at(-1)?.command
  expect(asked).toMatchObject({ type: 'set_thinking', tokens: 16_000 })
  await source.say(id, 'command.progressed', { commandId: asked?.commandId, stage: 'received' })
  await page.getByText('Its machine may be asleep.').waitFor({ state: 'detached' })

  source.onPerform = ({ command }) =>
    command.type === 'rename'
      ? source.say(id, 'session.changed', { title: command.title })
      : source.say(id, 'session.ended', { reason: 'stopped' })
  await page.getByRole('button', { name: 'Change the title' }).click()
  await page.getByRole('textbox', { name: 'Title' }).fill('A better one')
  await app.tap('Save')
  await page.getByRole('heading', { level: 2, name: 'A better one' }).waitFor()
  await app.tap('End session')
  await app.sees('End this session?')
  await app.tap('End session')
  await app.sees('This session has ended')
  expect(app.complaints).toEqual([])
})

test('[CM-4] what a session cannot be asked stands there as a fact, or not at all', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const fields = { ...facts, permissionMode: 'bypassPermissions', capabilities: ['prompt'] }
  await running.source.start('facts only', fields)
  await page.getByText('facts only').first().click()
  await app.tap('More about this session')
  await app.sees('Bypass')
  expect(await page.locator('dialog').getByRole('button').allTextContents()).toEqual(['Close'])
})

test('[EP-1] MCP servers are asked for when they are looked at, and asked again when that failed', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  await source.start('servers')
  await page.getByText('servers').first().click()
  await app.tap('More about this session')
  let asked = 0
  source.onMcpServers = async () => {
    asked += 1
    if (asked === 1) throw new RelayError('source_unreachable')
    return [{ name: 'sentry', status: 'failed', detail: 'It did not start.' }]
  }
  expect(asked).toBe(0)
  await page.getByRole('button', { name: 'MCP servers' }).click()
  await app.sees('The machine that runs this session cannot be reached.')
  await app.tap('Ask again')
  await app.sees('It did not start.')
  await until(() => asked === 2)
})
