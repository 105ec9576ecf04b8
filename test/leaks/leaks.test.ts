// Runs after every other suite of the run and reads what they all noted.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  credentialIn,
  leakFile,
  leakNotes,
  lookThroughFolder,
  type Seen,
  watchingFetch,
} from '../support/leak-watch.ts'

const notes = leakNotes()

test('[I12] no log, database, response, push or address of the whole run holds a credential of the account', () => {
  const leaks = notes.filter(({ found }) => found !== undefined)
  expect(leaks).toEqual([])
})

test('[I12] the run looked through all of them, so that finding nothing means something', () => {
  const seen = new Set(notes.map((note) => note.seen))
  // Only the test command runs all the suites before this one, and says so.
  const isWhole = process.env.BELLHOP_LEAKS !== undefined
  const needed: Seen[] = isWhole ? ['data', 'log', 'response', 'push', 'url'] : []
  expect(needed.filter((kind) => !seen.has(kind))).toEqual([])
})

test('[I12] the scan finds what is planted: in a file, in an answer, over the seam of two pieces', async () => {
  const token = `sk-ant-oat01-${'a'.repeat(40)}`
  const folder = await mkdtemp(join(tmpdir(), 'bellhop-leak-'))
  const own = process.env.BELLHOP_LEAKS
  process.env.BELLHOP_LEAKS = join(folder, 'notes', 'leaks.jsonl')
  const server = createServer((_, response) => {
    response.write(`data: ${token.slice(0, 20)}`)
    setTimeout(() => response.end(token.slice(20)), 20)
  })
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await writeFile(join(folder, 'bellhop.db'), Buffer.from(`\0\u0001${token}\0`))
    await lookThroughFolder(folder)
    const { port } = server.address() as AddressInfo
    const answer = await watchingFetch()(`http://127.0.0.1:${port}/v1/history`)
    expect(await answer.text()).toBe(`data: ${token}`)
    expect(leakFile()).toContain(folder)
    expect(leakNotes().flatMap(({ seen, found }) => (found ? [seen] : []))).toEqual([
      'data',
      'response',
    ])
    expect(credentialIn('the word sk-ant- alone is none')).toBeUndefined()
  } finally {
    if (own === undefined) delete process.env.BELLHOP_LEAKS
    else process.env.BELLHOP_LEAKS = own
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
})
