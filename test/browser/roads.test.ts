import type { Ask } from '@bellhop/core'
import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { shellAsk } from '../support/scripted-source.ts'

test('[EV-3] a session that is joined to another is not shown by itself; its address leads to the other', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const shown = await source.start('the terminal one')
  const joined = await source.start('the cloud one', { machine: 'elsewhere' })
  await source.ask(joined, 'per_1', shellAsk('ls'))
  await app.sees('1 needs you')
  await source.say(joined, 'session.joined', { into: shown })
  await app.sees('All quiet')
  expect(await page.locator('main').getByText('the cloud one').count()).toBe(0)
  await page.goto(`${running.origin}/#/s/${joined}`)
  await page.getByRole('heading', { level: 1, name: 'the terminal one' }).waitFor()
  expect(page.url()).toContain(shown)
  await source.say(joined, 'session.joined', { into: null })
  await page.goto(`${running.origin}/#/`)
  await app.sees('1 needs you')
})

test('[CM-9] a sheet offers what the road its ask came by can do, not what the session can by any', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('two roads', { capabilities: ['prompt', 'decide_permission'] })
  const roadSourceId = 'bridge'
  const capabilities = ['decide_permission', 'edit_input', 'always_allow']
  await source.say(id, 'session.road', { roadSourceId, capabilities })
  const ask = shellAsk('ls', ['Run exactly `ls`.'])
  await source.ask(id, 'per_own', ask)
  const asked = { permissionId: 'per_bridge', ask, sourceId: roadSourceId }
  await source.say(id, 'permission.requested', asked)
  await page.goto(`${running.origin}/#/s/${id}/per_own`)
  await page.getByRole('button', { name: 'Deny with a note' }).waitFor()
  const chips = () => page.locator('dialog .chip').allTextContents()
  expect(await chips()).toEqual(['Deny with a note'])
  await page.goto(`${running.origin}/#/s/${id}/per_bridge`)
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor()
  expect(await chips()).toEqual(['Edit', 'Always allow', 'Deny with a note'])
})

test('[PE-4] a plan that is fixed can be approved or sent back, not edited', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const plan: Ask = { kind: 'plan', plan: '1. Move it', modes: [] }
  const id = await source.start('plans')
  await source.ask(id, 'per_open', plan)
  await source.ask(id, 'per_fixed', { ...plan, fixed: true })
  await page.goto(`${running.origin}/#/s/${id}/per_open`)
  await page.getByRole('button', { name: 'Edit the plan' }).waitFor()
  await page.goto(`${running.origin}/#/s/${id}/per_fixed`)
  await page.getByRole('button', { name: 'Edit the plan' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Approve plan' }).waitFor()
})

test('a session whose machine is out of reach says since when, and what happens to a message', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('away')
  await source.say(id, 'turn.started')
  await app.sees('1 working')
  const offlineSince = new Date(Date.now() - 600_000).toISOString()
  await source.say(id, 'session.changed', { offlineSince })
  await app.sees(/^No word from its machine since \d+:\d\d$/)
  await page.getByRole('img', { name: 'Not known' }).waitFor()
  await page.getByText('away').first().click()
  await page.locator('.notice', { hasText: /No word from its machine since/ }).waitFor()
  await page.getByPlaceholder('It gets it when it is back').waitFor()
  await app.sees(/^Was working at/)
  await source.say(id, 'session.changed', { offlineSince: null })
  await page.locator('.notice').waitFor({ state: 'detached' })
  await page.getByPlaceholder('Add to the queue').waitFor()
})
