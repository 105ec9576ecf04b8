import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { shellAsk } from '../support/scripted-source.ts'

test('[I8] an ask of a kind the app does not know is shown as it came, and offers no answer', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const id = await running.source.start('Refunds')
  await running.source.ask(id, 'per_1', shellAsk('ls'))
  await app.sees('1 needs you')
  // A relay of a later version asks what this one cannot.
  await page.context().route(/\/v1\/(sessions|history)$/, async (route) => {
    const response = await route.fetch()
    const text = (await response.text()).replaceAll('"kind":"tool"', '"kind":"riddle"')
    await route.fulfill({ response, body: text })
  })
  await page.goto(`${running.origin}/#/s/${id}/per_1`)
  await page.reload()
  const sheet = page.getByRole('dialog', { name: 'Something this version does not know' })
  await sheet.getByText('"kind":"riddle"').waitFor()
  await sheet.getByText('This app does not know what is asked. Reload it.').waitFor()
  expect(await sheet.getByRole('button').count()).toBe(0)
})
