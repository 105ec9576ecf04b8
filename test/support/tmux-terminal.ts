import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface WaitOptions {
  timeoutMs?: number
}

/** One terminal in a tmux server of its own: what a person at the desk sees and types. */
export interface TmuxTerminal extends AsyncDisposable {
  readonly socketPath: string
  readonly paneId: string
  /** Types literally, without submitting. */
  type(text: string): Promise<void>
  /** Presses named keys: `Enter`, `Escape`, `C-j`, `Down`, ... */
  press(...keys: string[]): Promise<void>
  /** Types lines and submits them. */
  submit(text: string): Promise<void>
  /** What stands on the screen; with `history`, also what scrolled away. */
  screen(options?: { history?: boolean }): Promise<string>
  waitFor(expected: RegExp | string, options?: WaitOptions): Promise<string>
  waitForGone(expected: RegExp | string, options?: WaitOptions): Promise<string>
}

export interface TmuxTerminalOptions {
  /** Short: a unix socket path has about 100 usable bytes. */
  socketPath: string
  command: readonly string[]
  cwd: string
  columns?: number
  rows?: number
}

const pollMs = 50
const afterTypingMs = 300
const submitTries = 4
const defaultTimeoutMs = 15_000

/** Whether the text still stands between the last two rules on the screen, where it was typed. */
function inputBoxHolds(screenText: string, text: string): boolean {
  const lines = screenText.split('\n')
  const bottom = lines.findLastIndex((line) => /^─{20,}/.test(line))
  const top = lines.slice(0, Math.max(bottom, 0)).findLastIndex((line) => /^─{20,}/.test(line))
  const lastLine = text.trimEnd().split('\n').at(-1) ?? ''
  const typed = lastLine.slice(0, 60)
  return top >= 0 && lines.slice(top, bottom).some((line) => line.includes(typed))
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

/** Runs the command in a new tmux server. Disposing ends that server and nothing else. */
export async function openTmuxTerminal(options: TmuxTerminalOptions): Promise<TmuxTerminal> {
  const { socketPath, columns = 140, rows = 50 } = options
  const tmux = async (...args: string[]) => {
    const { stdout } = await run('tmux', ['-S', socketPath, ...args], { timeout: 10_000 })
    return stdout
  }
  const size = ['-x', `${columns}`, '-y', `${rows}`]
  const command = options.command.map(quote).join(' ')
  const paneId = (
    await tmux(
      ...['-f', '/dev/null', 'new-session', '-d', '-P', '-F', '#{pane_id}', ...size],
      ...['-c', options.cwd, command],
    )
  ).trim()
  // A program that ends leaves its last screen to be read.
  await tmux('set-option', '-g', 'remain-on-exit', 'on').catch(() => {})

  const send = (...args: string[]) => tmux('send-keys', '-t', paneId, ...args)
  const screen: TmuxTerminal['screen'] = ({ history = false } = {}) =>
    tmux('capture-pane', '-p', '-t', paneId, ...(history ? ['-S', '-2000'] : []))

  async function waitUntil(
    what: string,
    holds: (text: string) => boolean,
    { timeoutMs = defaultTimeoutMs }: WaitOptions = {},
  ): Promise<string> {
    const deadlineMs = Date.now() + timeoutMs
    for (;;) {
      const text = await screen()
      if (holds(text)) return text
      if (Date.now() > deadlineMs) {
        throw new Error(`${what} not so after ${timeoutMs} ms; the screen says:\n${text}`)
      }
      await sleep(pollMs)
    }
  }

  const shows = (text: string, expected: RegExp | string) =>
    typeof expected === 'string' ? text.includes(expected) : expected.test(text)

  return {
    socketPath,
    paneId,
    screen,
    type: async (text) => void (await send('-l', text)),
    press: async (...keys) => void (await send(...keys)),
    submit: async (text) => {
      for (const [index, line] of text.split('\n').entries()) {
        if (index > 0) await send('C-j')
        if (line) await send('-l', '--', line)
      }
      // Keys that come in one burst are taken for a paste, and Enter with them for a line break.
      for (let tries = 0; tries < submitTries; tries++) {
        await sleep(afterTypingMs)
        await send('Enter')
        await sleep(afterTypingMs)
        if (!inputBoxHolds(await screen(), text)) return
      }
    },
    waitFor: (expected, wait) =>
      waitUntil(`"${expected}" shown`, (text) => shows(text, expected), wait),
    waitForGone: (expected, wait) =>
      waitUntil(`"${expected}" gone`, (text) => !shows(text, expected), wait),
    [Symbol.asyncDispose]: async () => void (await tmux('kill-server').catch(() => {})),
  }
}
