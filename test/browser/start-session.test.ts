import { type Place, RelayError, type StartRequest } from '@bellhop/core'
import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const choices = {
  models: [{ value: 'opus', words: 'Opus' }],
  permissionModes: [
    { value: 'plan', words: 'Plan first' },
    { value: 'bypassPermissions', words: 'Bypass' },
  ],
}
const cloud = {
  placeId: 'plc_cloud',
  sourceId: 'scripted',
  title: 'Default cloud',
  takesRepository: true,
  repositories: ['https://git.example/acme/shop-api'],
  choices,
} as unknown as Place
const desk = {
  ...cloud,
  placeId: 'plc_desk',
  title: 'desk',
  takesRepository: false,
  repositories: [],
} as unknown as Place

test('[CM-1] a session is started with its first words, once however often it is tried, and opens', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  expect(await page.getByRole('link', { name: 'New' }).count()).toBe(0)
  source.placesThere = [desk, cloud]
  await page.reload()
  await page.getByRole('link', { name: 'New' }).click()
  const words = page.getByRole('textbox', { name: 'What to do' })
  await words.fill('Find the rule.')
  await page.reload()
  await until(async () => (await words.inputValue()) === 'Find the rule.')

  await page.getByRole('button', { name: /^Place/ }).click()
  await page.getByRole('radio', { name: 'Default cloud' }).click()
  await app.tap('Choose a repository')
  await page.getByRole('radio', { name: /acme\/shop-api/ }).click()
  await page.getByRole('button', { name: /^Branch/ }).click()
  await page.getByRole('textbox', { name: 'Branch' }).fill('fix/rule')
  await app.tap('Use')
  await page.getByRole('button', { name: /^Permissions/ }).click()
  expect(await page.getByRole('radio').allTextContents()).toEqual(['As set there', 'Plan first'])
  await page.getByRole('radio', { name: 'Plan first' }).click()

  const requests: StartRequest[] = []
  source.onStart = async (request) => {
    requests.push(request)
    if (requests.length === 1) throw new RelayError('source_unreachable')
    const id = await source.start('started')
    await source.say(id, 'message.person', { messageId: 'p', text: request.text, from: 'person' })
    return id
  }
  await app.tap('Start on Default cloud')
  await app.sees('The machine that runs this session cannot be reached.')
  await app.tap('Start on Default cloud')
  await app.sees('You, at the terminal')
  expect(page.url()).toContain('#/s/ses_started')
  expect(requests).toHaveLength(2)
  expect(requests[1]).toEqual(requests[0])
  expect(requests[0]).toMatchObject({
    text: 'Find the rule.',
    placeId: 'plc_cloud',
    repository: 'https://git.example/acme/shop-api',
    branch: 'fix/rule',
    permissionMode: 'plan',
  })

  await page.goto(`${running.origin}/#/start`)
  await page.getByRole('button', { name: /^Repository.*acme\/shop-api/ }).waitFor()
  await page.getByRole('button', { name: /^Permissions.*Plan first/ }).waitFor()
  expect(await words.inputValue()).toBe('')
})

test('[AU-6] a device that may not drive is offered no new session, and no setting to change', async () => {
  await using running = await startRelay()
  await using app = await openAppOnPhone({ running, paired: false })
  const { page } = app
  running.source.placesThere = [desk]
  const offer = await running.relay.pairing.offer({ confirm: false, scopes: ['watch'] })
  await running.source.start('watched', { model: 'opus', choices })
  await page.goto(offer.pairUrl)
  await page.getByText('watched').first().click()
  await app.tap('More about this session')
  await app.sees('Opus')
  expect(await page.locator('dialog').getByRole('button').allTextContents()).toEqual([
    'MCP servers',
    'Close',
  ])
  await page.goto(`${running.origin}/#/start`)
  await app.sees('This phone may watch, not start sessions.')
  expect(await page.getByRole('button', { name: /^Start/ }).count()).toBe(0)
  await page.goto(`${running.origin}/#/`)
  await app.sees('All quiet')
  expect(await page.getByRole('link', { name: 'New' }).count()).toBe(0)
})
