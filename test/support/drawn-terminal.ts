import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { until } from './until.ts'

/** A terminal nobody sits at: what is drawn can be read, keys can be pressed. */
export interface DrawnTerminal {
  /** What `runCli` takes as its process. */
  readonly process: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>
  press(key: string): void
  /** Gives the last of the standard input. */
  end(words: string): void
  /** All that was drawn, colours left out. */
  text(): string
  errors(): string
  isRaw(): boolean
  /** Waits for words and answers all that was drawn. */
  shows(expected: string | RegExp, timeoutMs?: number): Promise<string>
}

export const createDrawnTerminal = (
  env: Record<string, string>,
  size = { columns: 80, rows: 50 },
): DrawnTerminal => {
  let isRaw = false
  let drawn = ''
  let complained = ''
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (raw: boolean) => {
      isRaw = raw
    },
  })
  const output = Object.assign(new PassThrough(), { isTTY: true, ...size })
  const error = new PassThrough()
  output.on('data', (chunk) => {
    drawn += chunk
  })
  error.on('data', (chunk) => {
    complained += chunk
  })
  const streams = { stdin: input, stdout: output, stderr: error, env }
  const text = () => stripVTControlCharacters(drawn)
  return {
    process: streams as unknown as DrawnTerminal['process'],
    press: (key) => void input.write(key),
    end: (words) => void input.end(words),
    text,
    errors: () => stripVTControlCharacters(complained),
    isRaw: () => isRaw,
    shows: (expected, timeoutMs) =>
      until(
        () => {
          const now = text()
          const found = typeof expected === 'string' ? now.includes(expected) : expected.test(now)
          return found && now
        },
        { timeoutMs, what: `${expected} on the terminal, which shows:\n${text()}` },
      ),
  }
}
