import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What the person was asked once, so that nobody is asked twice. */
export type Answers = {
  /** Whether hooks were offered, and for which Bellhop they were put in. */
  hooks?: { wanted: boolean; version: string }
  /** Whether cloud sessions are followed with the person’s own login. */
  cloud?: { wanted: boolean }
  /** Whether Tailscale may serve the relay, and on which port it last did. */
  serve?: { wanted: boolean; port?: number }
}

const pathOf = (dataDir: string) => join(dataDir, 'answers.json')

export const readAnswers = async (dataDir: string): Promise<Answers> => {
  try {
    return JSON.parse(await readFile(pathOf(dataDir), 'utf8')) as Answers
  } catch {
    return {}
  }
}

/** Keeps what is new beside what was there. */
export const keepAnswers = async (dataDir: string, added: Answers): Promise<void> => {
  const all = { ...(await readAnswers(dataDir)), ...added }
  const path = pathOf(dataDir)
  await writeFile(`${path}.new`, `${JSON.stringify(all)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
