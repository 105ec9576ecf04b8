import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'

test('settings say of each source how it is, since when, and what to type', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  await page.goto(`${running.origin}/#/settings`)
  await page.getByRole('link', { name: /Sources.*Connected/ }).click()
  await app.sees('Where sessions come from.')
  await page.getByText('Connected', { exact: true }).waitFor()
  const details = ['Read by the event stream.']
  const text = 'The sign-in on desk ran out. On desk, run `claude auth login`.'
  running.source.health({ state: 'down', text, details })
  await app.sees('Not connected')
  await app.sees(/^Since \d+:\d\d\./)
  await app.tap('Copy claude auth login')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('claude auth login')
  await page.reload()
  expect(await page.getByText('Read by the event stream.').count()).toBe(0)
  await app.tap('How it works just now')
  await app.sees('Read by the event stream.')
  running.source.health({ state: 'ok', text: 'ready' })
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.goto(`${running.origin}/#/settings`)
  await page.getByRole('link', { name: /Sources.*Connected/ }).waitFor()
})
