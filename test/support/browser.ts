import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page, type Response } from 'playwright-core'
import { lookThrough } from './leak-watch.ts'

/** The Chromium to test with: the one the test command found, or the machine’s own. */
const chromiumPath = (): string => {
  const places = [
    process.env.BELLHOP_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  const found = places.find((place) => place !== undefined && existsSync(place))
  if (!found) throw new Error('No Chromium found. `pnpm test` gets one.')
  return found
}

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Looks through what a page was answered; a stream that is still open has no body yet. */
const lookThroughResponse = (response: Response) => {
  const where = new URL(response.url()).pathname
  lookThrough('response', where, JSON.stringify(response.headers()))
  void response.text().then(
    (text) => lookThrough('response', where, text),
    () => {},
  )
}

/** A phone’s browser: its own profile, 390×844, gone when disposed. */
export interface PhoneBrowser extends AsyncDisposable {
  readonly context: BrowserContext
  readonly page: Page
}

export const openPhoneBrowser = async (
  options: {
    cameraFile?: string
    colorScheme?: 'light' | 'dark'
    args?: readonly string[]
    userAgent?: string
  } = {},
): Promise<PhoneBrowser> => {
  const profile = await mkdtemp(join(tmpdir(), 'bellhop-browser-'))
  const camera = options.cameraFile
    ? [
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        `--use-file-for-fake-video-capture=${options.cameraFile}`,
      ]
    : []
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    colorScheme: options.colorScheme ?? 'light',
    ...(options.userAgent !== undefined && { userAgent: options.userAgent }),
    permissions: [
      'notifications',
      'clipboard-read',
      'clipboard-write',
      ...(options.cameraFile ? ['camera'] : []),
    ],
    args: [...QUIET, ...camera, ...(options.args ?? [])],
  })
  context.on('request', (request) => lookThrough('url', 'browser', request.url()))
  context.on('response', lookThroughResponse)
  const page = context.pages()[0] ?? (await context.newPage())
  return {
    context,
    page,
    [Symbol.asyncDispose]: async () => {
      for (const open of context.pages()) {
        lookThrough('page', open.url(), await open.content().catch(() => ''))
      }
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
