import { agentWords, type EventDraft, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { accessibilityProblems } from '../support/accessibility.ts'
import { type AppOnPhone, openAppOnPhone } from '../support/app-on-phone.ts'
import { until } from '../support/until.ts'

const BASE_MS = Date.now() - 3_600_000

const said = (
  sessionId: SessionId,
  at: number,
  type: EventDraft['type'],
  fields: Record<string, unknown>,
) =>
  ({
    sessionId,
    at: new Date(BASE_MS + at * 1_000).toISOString(),
    dedupeKey: `line ${at}`,
    type,
    ...fields,
  }) as EventDraft

const reply = (sessionId: SessionId, at: number, text: string) =>
  said(sessionId, at, 'message.agent', { messageId: `line ${at}`, text })

const OUTPUT = Array.from({ length: 40 }, (_, at) => `line ${at}${at === 3 ? ' vermilion' : ''}`)

/** A long session with what is looked for on pages not read in, and another one. */
const fill = async ({ running: { source } }: AppOnPhone) => {
  const long = await source.start('Refunds round the wrong way')
  const lines = Array.from({ length: 1_200 }, (_, at) =>
    at === 100
      ? reply(long, at, 'Only here the **apportioned** cents are spoken of.')
      : at === 600
        ? said(long, at, 'tool.started', {
            toolCallId: 'c',
            tool: { kind: 'shell', name: 'Bash', command: 'npm test' },
          })
        : at === 601
          ? said(long, at, 'tool.ended', {
              toolCallId: 'c',
              outcome: 'ok',
              result: { text: OUTPUT.join('\n') },
            })
          : reply(long, at, `reply ${at} about something else`),
  )
  for (let at = 0; at < lines.length; at += 100) await source.sayAll(lines.slice(at, at + 100))
  const other = await source.start('Split shipping over parcels')
  await source.sayAll([
    said(other, 1, 'message.person', {
      messageId: 'p',
      text: 'Is there something like <b>apportion</b>?',
      from: 'person',
    }),
    said(other, 2, 'tool.started', {
      toolCallId: 's',
      tool: { kind: 'shell', name: 'Bash', command: 'rg -n "apportion" src' },
    }),
  ])
  return { long, other }
}

const openSearch = async ({ page }: AppOnPhone, words: string) => {
  await page.getByRole('link', { name: 'Search', exact: true }).click()
  await page.getByRole('searchbox', { name: 'Words to find' }).fill(words)
}

/** Whether something stands well within the transcript, as one sees it. */
const isInSight = async ({ page }: AppOnPhone, words: string) => {
  const box = await page.getByText(words).first().boundingBox()
  const frame = await page.getByRole('region', { name: 'Transcript' }).boundingBox()
  return box && frame && box.y > frame.y + 20 && box.y + box.height < frame.y + frame.height - 20
}

test('[SE-4] [SE-7] what is typed is found by session, with who said it, and nothing of it is markup', async () => {
  await using app = await openAppOnPhone()
  const { page } = app
  await fill(app)
  await openSearch(app, 'apport')
  await app.sees('3 places in 2 sessions')
  const groups = page.locator('.search-group')
  expect(await groups.count()).toBe(2)
  expect(await groups.first().textContent()).toContain('Split shipping over parcels')
  expect(await groups.first().locator('.search-hit').allTextContents()).toEqual([
    expect.stringMatching(/^Command, \d+:\d\drg -n "apportion" src$/),
    expect.stringMatching(/^You, \d+:\d\dIs there something like <b>apportion<\/b>\?$/),
  ])
  expect(await page.locator('mark').allTextContents()).toEqual([
    'apportion',
    'apportion',
    'apportioned',
  ])
  await app.tap('Commands')
  await app.sees('1 place in 1 session')
  await app.tap('All')
  await page.getByRole('searchbox').fill('porphyry')
  await app.sees('Nothing has porphyry in it. Searched 2 sessions.')
  await app.tap('Clear')
  await page.getByText('Nothing has').waitFor({ state: 'detached' })
  await app.tap('Close')
  await app.sees('All quiet')
  expect(app.complaints).toEqual([])
})

test('[SE-1] [MC-7] what an agent sent is found under its name, which is drawn as one', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const id = await running.source.start('Refunds round')
  const text = agentWords('night-review', 'Please apportion the cents.')
  await running.source.sayAll([
    said(id, 1, 'message.person', { messageId: 'a', text, from: 'person' }),
  ])
  await openSearch(app, 'apportion')
  const hit = page.locator('.search-hit')
  await hit.locator('.agent-name', { hasText: 'Agent night-review' }).waitFor()
  expect(await hit.textContent()).toMatch(
    /^Agent night-review\d+:\d\dPlease apportion the cents\.$/,
  )
  expect(await accessibilityProblems(page)).toEqual([])
})

test('[SE-1] a tap lands on the line, marked, however far back it is, and going back finds the others again', async () => {
  await using app = await openAppOnPhone()
  const { page } = app
  const { long } = await fill(app)
  await openSearch(app, 'apportioned')
  await page.locator('.search-hit').click()
  await page.locator('.found-line').waitFor()
  await until(() => isInSight(app, 'cents are spoken of'), { what: 'the line in sight' })
  expect(page.url()).toContain(long)
  expect(await page.locator('.found-line').textContent()).toContain('Only here the apportioned')
  const marked = await page.evaluate(() =>
    [...(CSS.highlights.get('found') ?? [])].map((range) => (range as Range).toString()),
  )
  expect(marked).toEqual(['apportioned'])
  await page.waitForTimeout(500)
  expect(await isInSight(app, 'cents are spoken of')).toBe(true)

  await page.goBack()
  await app.sees('1 place in 1 session')
  await page.getByRole('searchbox').fill('vermilion')
  await page.getByText('line 3 vermilion').click()
  await page.locator('.found-line').waitFor()
  await until(() => isInSight(app, 'vermilion'), { what: 'the output in sight' })
  expect(await page.locator('.found-line').textContent()).toContain('npm test')
  expect(app.complaints).toEqual([])
})

test('[SE-4] [EV-7] what a joined session said leads to the moment in the session it is joined to', async () => {
  await using app = await openAppOnPhone()
  const { page, running } = app
  const { source } = running
  const shown = await source.start('shown')
  const joined = await source.start('joined')
  const lines = Array.from({ length: 600 }, (_, at) => reply(shown, at, `reply ${at} of many`))
  await source.sayAll(lines)
  await source.sayAll([reply(joined, 40.4, 'an alizarin thought')])
  await source.say(joined, 'session.joined', { into: shown })
  await openSearch(app, 'alizarin')
  await page.locator('.search-hit').click()
  await until(() => isInSight(app, 'reply 40 of many'), { what: 'the nearest line in sight' })
  expect(await page.locator('.found-line').textContent()).toContain('reply 40 of many')
})

test('[SE-1] a session can be searched by itself, and on a wide screen by a key', async () => {
  await using app = await openAppOnPhone()
  const { page } = app
  const { other } = await fill(app)
  await page.getByText('Split shipping over parcels').click()
  await app.tap('More about this session')
  await page.getByRole('link', { name: 'Search in this session' }).click()
  await page.getByRole('searchbox').fill('apport')
  await app.sees('2 places in 1 session')
  await app.sees('In Split shipping over parcels')
  await app.tap('Close')
  expect(page.url()).toContain(other)
  await page.setViewportSize({ width: 1100, height: 800 })
  await page.locator('.split-side').waitFor()
  await page.keyboard.press('/')
  const box = page.getByRole('searchbox')
  await box.waitFor()
  expect(await box.evaluate((one) => one === document.activeElement)).toBe(true)
  await app.sees('3 places in 2 sessions')
  await box.press('Escape')
  await page.locator('.split-side').waitFor()
})

test.each(['light', 'dark'] as const)(
  'in %s nothing keeps somebody from reading or working the search',
  async (colorScheme) => {
    await using app = await openAppOnPhone({ browser: { colorScheme } })
    const { page } = app
    await fill(app)
    await openSearch(app, 'apport')
    await app.sees('3 places in 2 sessions')
    const shots = process.env.BELLHOP_SHOTS
    if (shots) await page.screenshot({ path: `${shots}/search-${colorScheme}.png` })
    expect(await accessibilityProblems(page)).toEqual([])
    await page.getByText('Only here the').click()
    await page.locator('.found-line').waitFor()
    await until(() => isInSight(app, 'cents are spoken of'))
    if (shots) await page.screenshot({ path: `${shots}/landed-${colorScheme}.png` })
    expect(await accessibilityProblems(page)).toEqual([])
  },
)
