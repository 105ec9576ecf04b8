// Takes the pictures of docs/screenshots from the real app with made-up sessions. `pnpm screenshots`.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPhoneBrowser, type PhoneBrowser } from '../test/support/browser.ts'
import { startRelayProcess } from '../test/support/relay-process.ts'
import { ensureBuilt } from './build-stamp.ts'
import { repo } from './repo.ts'

type Page = PhoneBrowser['page']

const folder = join(repo, 'docs', 'screenshots')
const WAIT_MS = 60_000

/** Fonts, the first frame after them, and motion that has come to rest. */
const settle = async (page: Page) => {
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(1_000)
}

const shoot = async (page: Page, name: string) => {
  await settle(page)
  await page.screenshot({ path: join(folder, `${name}.png`), scale: 'css' })
}

const take = async (colorScheme: 'light' | 'dark') => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bellhop-shots-'))
  const env = { PATH: process.env.PATH ?? '', HOME: dataDir }
  await using relay = await startRelayProcess(
    ['--demo', '--yes', '--port', '0', '--data-dir', join(dataDir, 'data')],
    env,
  )
  await using browser = await openPhoneBrowser({ colorScheme })
  const { page } = browser
  page.setDefaultTimeout(WAIT_MS)
  await page.goto(relay.pairUrl)
  await relay.line('paired')
  await page.getByRole('link', { name: 'Review' }).first().waitFor()
  await page
    .getByRole('link', { name: /Answer|Read/ })
    .first()
    .waitFor()
  await shoot(page, `sessions-${colorScheme}`)
  await page.getByRole('link', { name: 'Review' }).first().click()
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor()
  await shoot(page, `permission-${colorScheme}`)
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor({ state: 'detached' })
  await page.waitForTimeout(2_500)
  await shoot(page, `session-${colorScheme}`)
  await rm(dataDir, { recursive: true, force: true })
}

await ensureBuilt()
await mkdir(folder, { recursive: true })
for (const scheme of ['light', 'dark'] as const) await take(scheme)
