import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { until } from '../support/until.ts'

test('on a wide screen an ask stands over the composer, and keys move, put aside and answer', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  await page.setViewportSize({ width: 1100, height: 800 })
  const first = await source.start('first')
  await source.ask(first, 'per_1', shellAsk('ls'))
  await app.sees('1 needs you')
  const second = await source.start('second')
  await source.ask(second, 'per_2', shellAsk('pwd'))
  await app.sees('2 need you')
  const allow = page.getByRole('button', { name: 'Allow', exact: true })

  await page.keyboard.press('j')
  await allow.waitFor()
  expect(page.url()).toContain(first)
  await until(async () => {
    const sheet = await page.locator('dialog.sheet').boundingBox()
    const box = await page.getByRole('textbox', { name: 'Message' }).boundingBox()
    return sheet && box && sheet.y + sheet.height <= box.y
  })

  await page.keyboard.press('Escape')
  await page.locator('.ticket').waitFor()
  await page.keyboard.press('j')
  await until(() => page.url().includes(second))
  await page.keyboard.press('k')
  await until(() => page.url().includes(first))
  await page.keyboard.press('j')
  await allow.waitFor()
  await until(async () => {
    await page.keyboard.press('Alt+d')
    return source.performed.length > 0
  })
  expect(source.performed.map((one) => one.command)).toMatchObject([
    { type: 'decide_permission', permissionId: 'per_2', decision: { behavior: 'deny' } },
  ])
  expect(app.complaints).toEqual([])
})

test('a slip that is over stays where it is while a finger is down, and the rest glides up after', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const ids = []
  for (const name of ['upper', 'lower']) {
    const id = await source.start(name)
    await source.ask(id, `per_${name}`, shellAsk(`echo ${name}`))
    ids.push(id)
    // Those asked in one moment stand in no order.
    await app.sees(`echo ${name}`)
  }
  await app.sees('2 need you')
  const lower = page.locator('.waiting-slip', { hasText: 'lower' })
  const top = async () => (await lower.boundingBox())?.y
  await (await lower.elementHandle())?.waitForElementState('stable')
  const before = await top()
  await page.evaluate(() => {
    const real = Element.prototype.animate
    Element.prototype.animate = function (...args) {
      document.body.dataset.moved += ` ${this.textContent}`
      return real.apply(this, args)
    }
    dispatchEvent(new PointerEvent('pointerdown'))
  })
  const settled = { permissionId: 'per_upper', outcome: 'allowed', by: { kind: 'terminal' } }
  await source.say(ids[0] as (typeof ids)[0], 'permission.resolved', settled)
  await source.start('later')
  await page.waitForTimeout(400)
  expect(await top()).toBe(before)
  expect(await page.evaluate(() => document.body.dataset.moved)).toBeUndefined()
  expect(await page.getByText('echo upper').isVisible()).toBe(true)
  await page.evaluate(() => dispatchEvent(new PointerEvent('pointerup')))
  await page.getByText('echo upper').waitFor({ state: 'detached' })
  await until(async () => ((await top()) ?? 0) < (before ?? 0) - 100)
  expect(await page.evaluate(() => document.body.dataset.moved)).toContain('lower')
})
