import type { Ask } from '@bellhop/core'
import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { shellAsk } from '../support/scripted-source.ts'

test('[PE-6] where a yes must not be had in passing the list offers none, no key gives it and none is preselected', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const careful = await source.start('careful')
  await source.ask(careful, 'per_1', { ...shellAsk('rm -r build'), careful: true } as Ask)
  await app.sees('1 needs you')
  const slip = page.locator('.waiting-slip')
  expect(await slip.getByRole('button').allTextContents()).toEqual(['Deny'])
  await slip.getByRole('link', { name: 'Review' }).click()
  // Keys count where there is a keyboard.
  await page.setViewportSize({ width: 1100, height: 800 })
  const allow = page.getByRole('button', { name: 'Allow', exact: true })
  await allow.waitFor()
  // Longer than a sheet has to stand before its keys count.
  await page.waitForTimeout(800)
  await page.keyboard.press('Alt+a')
  expect(source.performed).toEqual([])
  expect(await allow.getAttribute('class')).not.toContain('primary')
  expect(await allow.getAttribute('aria-keyshortcuts')).toBeNull()
  expect(await allow.evaluate((button) => button === document.activeElement)).toBe(false)
  await allow.click()
  await expect.poll(() => source.performed.length).toBe(1)
  expect(source.performed[0]?.command).toMatchObject({ permissionId: 'per_1' })

  const usual = await source.start('usual')
  await source.ask(usual, 'per_2', shellAsk('ls'))
  await page.goto(`${new URL(page.url()).origin}/#/s/${usual}/per_2`)
  await allow.waitFor()
  expect(await allow.getAttribute('class')).toContain('primary')
  await page.waitForTimeout(800)
  await page.keyboard.press('Alt+a')
  await expect.poll(() => source.performed.length).toBe(2)
})
