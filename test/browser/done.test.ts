import { expect, test } from 'vitest'
import { accessibilityProblems } from '../support/accessibility.ts'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { shellAsk } from '../support/scripted-source.ts'

test('[AL-6] settings say what was done, by whom, and what came of it', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const sessionId = await running.source.start('Refunds')
  await running.source.ask(sessionId, 'per_1', shellAsk('rm -r build'))
  await using tablet = await running.phone({ name: 'Tablet' })
  const { wait } = await tablet.findWait()
  await tablet.send({
    type: 'decide_permission',
    sessionId,
    permissionId: wait.permissionId,
    shownHash: await tablet.shown(wait.ask),
    decision: { behavior: 'allow' },
  })
  running.source.onPerform = async () => ({ unconfirmed: 'Its machine may be asleep.' })
  await tablet.send({ type: 'prompt', sessionId, text: 'turn \u202E this' })
  await page.goto(`${running.origin}/#/settings`)
  await page.getByRole('link', { name: 'What was done' }).click()
  await app.sees('What each device asked of your sessions, and what came of it. Refusals too.')
  await app.sees('Answer a permission')
  await app.sees('allow: rm -r build')
  await app.sees('Not confirmed. Its machine may be asleep.')
  await page.locator('.hidden-char').first().waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await accessibilityProblems(page)).toEqual([])
  }
  await page.getByRole('link', { name: 'Refunds' }).first().click()
  await page.getByRole('heading', { name: 'Refunds' }).waitFor()
  expect(app.complaints).toEqual([])
})
