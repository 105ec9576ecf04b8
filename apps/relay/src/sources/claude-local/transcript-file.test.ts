import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FilePlace, TranscriptFile } from './transcript-file.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transcript-'))
  path = join(folder, 'a.jsonl')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function linesOf(file: TranscriptFile): Promise<string[]> {
  const lines: string[] = []
  for await (const batch of file.read()) lines.push(...batch.lines.map(({ text }) => text))
  return lines
}

test('what is new is read once, and a half-written line when it is whole', async () => {
  const file = new TranscriptFile(path)
  expect(await linesOf(file)).toEqual([])
  await writeFile(path, 'one\ntwo\nthr')
  expect(await linesOf(file)).toEqual(['one', 'two'])
  expect(await linesOf(file)).toEqual([])
  await appendFile(path, 'ee ä🎉\n\nfour\n')
  expect(await linesOf(file)).toEqual(['three ä🎉', 'four'])
})

test('lines longer than a read are whole, and places are places in bytes', async () => {
  const long = 'ä'.repeat(400_000)
  await writeFile(path, `${long}\nshort\n`)
  const file = new TranscriptFile(path)
  const batches = []
  for await (const batch of file.read()) batches.push(...batch.lines)
  expect(batches.map(({ text }) => text.length)).toEqual([400_000, 5])
  expect(batches[1]?.offset).toBe(800_001)
})

test('a truncated file is read from its start again', async () => {
  await writeFile(path, 'one\ntwo\nthree\n')
  const file = new TranscriptFile(path)
  await linesOf(file)
  await truncate(path, 0)
  await appendFile(path, 'new\n')
  expect(await linesOf(file)).toEqual(['new'])
})

test('a file put in its place is read from its start, however long it is', async () => {
  await writeFile(path, 'one\n')
  const file = new TranscriptFile(path)
  await linesOf(file)
  await writeFile(`${path}.new`, 'other one\nother two\n')
  await rename(`${path}.new`, path)
  expect(await linesOf(file)).toEqual(['other one', 'other two'])
})

test('a restart goes on where the last run had got to', async () => {
  await writeFile(path, 'one\ntwo\n')
  const file = new TranscriptFile(path)
  await linesOf(file)
  const place = JSON.parse(JSON.stringify(file.place)) as FilePlace
  await appendFile(path, 'three\n')
  expect(await linesOf(new TranscriptFile(path, place))).toEqual(['three'])
})

test('a batch that was not taken to its end is given again', async () => {
  await writeFile(path, 'one\n')
  const file = new TranscriptFile(path)
  await expect(
    (async () => {
      for await (const batch of file.read())
        throw new TypeError(`not stored: ${batch.lines.length}`)
    })(),
  ).rejects.toThrow('not stored')
  expect(await linesOf(file)).toEqual(['one'])
})
