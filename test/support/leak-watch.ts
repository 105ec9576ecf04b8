import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a test saw of the relay from outside, and may never hold a credential of the agent’s account. [I12] */
export type Seen = 'data' | 'log' | 'response' | 'push' | 'url' | 'page'

/** An account’s keys and tokens as they are made, real or for tests. */
const CREDENTIAL = /sk-ant-(?:oat|ort|sid|api|test)[\w-]{6,}/

/** Enough of the end of one piece of text to find a credential that goes on in the next. */
const OVERLAP = 300

/** Where all suites of a run note what was looked through; the last suite reads it. */
export const leakFile = (): string =>
  process.env.BELLHOP_LEAKS ??
  join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'bellhop', 'leaks.jsonl')

/** One thing looked through: how much, and where something was found. */
export type LeakNote = { seen: Seen; where: string; bytes: number; found?: string }

const note = (entry: LeakNote) => {
  const file = leakFile()
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(entry)}\n`)
}

/** The credential in a text, cut so that reporting it does not spread it; undefined when there is none. */
export const credentialIn = (text: string): string | undefined => {
  const found = CREDENTIAL.exec(text)
  return found ? `${found[0].slice(0, 14)}… at ${found.index}` : undefined
}

/** Looks through one text. */
export const lookThrough = (seen: Seen, where: string, text: string): void => {
  const found = credentialIn(text)
  note({ seen, where, bytes: text.length, ...(found !== undefined && { found }) })
}

/** Looks through every file of a folder, as bytes. */
export const lookThroughFolder = async (folder: string): Promise<void> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, 'latin1').catch(() => '')
    const seen = entry.name.endsWith('.log') ? 'log' : 'data'
    lookThrough(seen, path.slice(folder.length + 1), text)
  }
}

/** A fetch that looks through every address, header and body that passes, streams included. */
export const watchingFetch =
  (under: typeof fetch = fetch): typeof fetch =>
  async (input, init) => {
    const address = input instanceof Request ? input.url : String(input)
    lookThrough('url', 'request', address)
    const response = await under(input, init)
    lookThrough('response', 'headers', JSON.stringify([...response.headers]))
    if (response.body === null) return response
    const decoder = new TextDecoder()
    const where = new URL(address).pathname
    let tail = ''
    let bytes = 0
    let found: string | undefined
    const look = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        const text = tail + decoder.decode(chunk, { stream: true })
        bytes += chunk.length
        const here = credentialIn(text)
        // Told at once: a stream may never come to its end.
        if (here !== undefined && found === undefined) {
          found = here
          note({ seen: 'response', where, bytes, found })
        }
        tail = text.slice(-OVERLAP)
        controller.enqueue(chunk)
      },
      flush: () => note({ seen: 'response', where, bytes }),
    })
    const { status, statusText, headers } = response
    const copy = new Response(response.body.pipeThrough(look), { status, statusText, headers })
    Object.defineProperty(copy, 'url', { value: response.url })
    return copy
  }

/** Everything that was noted in this run. */
export const leakNotes = (): LeakNote[] =>
  existsSync(leakFile())
    ? readFileSync(leakFile(), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LeakNote)
    : []
