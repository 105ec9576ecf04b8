import type { Page } from 'playwright-core'
import { openPhoneBrowser } from './browser.ts'
import { startRelay, type TestRelay } from './start-relay.ts'

/** The built app in a phone’s browser, paired with a real relay whose source a test plays by hand. */
export interface AppOnPhone extends AsyncDisposable {
  readonly running: TestRelay
  readonly page: Page
  /** What the page complained about: errors and broken policies. */
  readonly complaints: readonly string[]
  /** Waits until words are on the screen. */
  sees(words: string | RegExp): Promise<void>
  tap(name: string): Promise<void>
  /** Puts the phone in a pocket: the app keeps what it knows, and its shell is there without a network. */
  pocket(): Promise<void>
}

// The first call of a page has no nonce yet, which Chromium reports as a failed resource.
const expected =
  /401 \(Unauthorized\)|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/

export const openAppOnPhone = async (
  options: {
    paired?: boolean
    running?: TestRelay
    browser?: Parameters<typeof openPhoneBrowser>[0]
  } = {},
): Promise<AppOnPhone> => {
  await using undo = new AsyncDisposableStack()
  const running = options.running ?? undo.use(await startRelay())
  const browser = undo.use(await openPhoneBrowser(options.browser))
  const { page } = browser
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() === 'error' && !expected.test(text)) complaints.push(text)
  })
  const app: Omit<AppOnPhone, typeof Symbol.asyncDispose> = {
    running,
    page,
    complaints,
    sees: (words) => page.getByText(words).first().waitFor({ state: 'visible' }),
    tap: (name) => page.getByRole('button', { name, exact: true }).click(),
    pocket: async () => {
      await page.evaluate(() => navigator.serviceWorker.ready)
      await page.evaluate(() => {
        const real = Object.getOwnPropertyDescriptor(Document.prototype, 'visibilityState')
        Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
        if (real) Object.defineProperty(document, 'visibilityState', real)
      })
    },
  }
  if (options.paired !== false) {
    await page.goto(await running.pairUrl())
    await app.sees(/No sessions yet|All quiet|need/)
  }
  const parts = undo.move()
  return { ...app, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
