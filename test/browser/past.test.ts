import { type EventDraft, RelayError, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { openAppOnPhone } from '../support/app-on-phone.ts'
import { until } from '../support/until.ts'

const words = (sessionId: SessionId, from: number, count: number): EventDraft[] =>
  Array.from({ length: count }, (_, at) => ({
    sessionId,
    at: new Date(1_700_000_000_000 + (from + at) * 1_000).toISOString(),
    dedupeKey: `past ${from + at}`,
    type: 'message.agent',
    messageId: `past ${from + at}`,
    text: `word ${from + at} of what was said`,
  }))

/** As a finger scrolls: what is drawn keeps up with it. */
const SLOWLY = { everyMs: 60, timeoutMs: 15_000, what: 'older words' }

test('[ST-10] scrolling up reads on at the source, in order, without a jump, and again after a failure', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('long past')
  await source.sayAll(words(id, 200, 40))
  source.before.set(id, [words(id, 120, 80), words(id, 0, 120)])
  let reads = 0
  source.onReadPast = async () => {
    reads += 1
    if (reads === 2) throw new RelayError('source_unreachable')
  }
  await page.getByText('long past').first().click()
  await app.sees('word 239 of what was said')
  expect(reads).toBe(0)

  const scroller = page.getByRole('region', { name: 'Transcript' })
  const up = () => scroller.evaluate((one) => one.scrollBy(0, -250))
  const seen = async () => {
    await up()
    return (await page.getByText('word 199 of what was said').count()) > 0
  }
  await until(seen, SLOWLY)
  expect(reads).toBe(1)
  await until(async () => {
    await up()
    return reads === 2
  }, SLOWLY)
  await app.sees(/Earlier words could not be read\. The machine that runs this session/)
  // Up to its first line, so that no tap has to bring the button onto the screen.
  await until(async () => {
    await up()
    return (await scroller.evaluate((one) => one.scrollTop)) === 0
  }, SLOWLY)
  expect(reads).toBe(2)

  const anchor = page.getByText('word 121 of what was said')
  const top = async () => (await anchor.boundingBox())?.y
  await anchor.waitFor()
  const before = await top()
  await app.tap('Try again')
  await page.getByText('Try again').waitFor({ state: 'detached' })
  await until(() => reads === 3)
  await page.getByText('word 119 of what was said').waitFor({ state: 'attached' })
  expect(Math.abs(((await top()) ?? 0) - (before ?? 0))).toBeLessThan(2)

  const inOrder = async () => {
    await up()
    return (await page.getByText('word 0 of what was said').count()) > 0
  }
  await until(inOrder, SLOWLY)
  const numbers = (await page.locator('.transcript-item').allTextContents())
    .map((text) => /word (\d+)/.exec(text)?.[1])
    .filter((one) => one !== undefined)
    .map(Number)
  expect(numbers.toSorted((a, b) => a - b).slice(0, 3)).toEqual([0, 1, 2])
  await page.getByText('Reading earlier words').waitFor({ state: 'detached' })
  expect(reads).toBe(3)
})

test('[ST-10] a session never read before is being read in until its first words come', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const id = await source.start('unread', { lastLine: 'Something was said there' })
  await source.start('empty')
  await page.getByText('unread').first().click()
  await app.sees('Reading it in')
  expect(await page.getByText('Nothing has been said yet.').count()).toBe(0)
  source.health({ state: 'down', text: 'The sign-in ended. Run `claude auth login`.' })
  await app.sees('scripted cannot be read just now.')
  source.health({ state: 'ok', text: 'ready' })
  await app.sees('Reading it in')
  await source.sayAll(words(id, 0, 3))
  await app.sees('word 2 of what was said')
  await page.goto(`${running.origin}/#/`)
  await page.getByText('empty').first().click()
  await app.sees('Nothing has been said yet.')
})
