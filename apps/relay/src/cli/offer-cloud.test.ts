import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { settleCloud } from './offer-cloud.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'bellhop-cloud-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const agent = (hasLogin: boolean) => ({
  title: 'Claude Code',
  hasCloudLogin: async () => hasLogin,
})
const person = (answer: boolean) => {
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return answer
  }
  return { questions, ask }
}

test('[I12] a person is asked once, in a sentence that says what it is, and the answer is remembered', async () => {
  const { questions, ask } = person(true)
  expect(await settleCloud(agent(true), dataDir, undefined, ask)).toBe(true)
  expect(await settleCloud(agent(true), dataDir, undefined, ask)).toBe(true)
  expect(questions).toHaveLength(1)
  for (const words of ['your own', 'not documented', 'at your own risk']) {
    expect(questions[0]).toContain(words)
  }
})

test('[I12] no is remembered as well, and can be changed by saying so', async () => {
  const { questions, ask } = person(false)
  expect(await settleCloud(agent(true), dataDir, undefined, ask)).toBe(false)
  expect(await settleCloud(agent(true), dataDir, 'on', ask)).toBe(true)
  expect(await settleCloud(agent(true), dataDir, undefined, ask)).toBe(true)
  expect(await settleCloud(agent(true), dataDir, 'off', ask)).toBe(false)
  expect(await settleCloud(agent(true), dataDir, undefined, ask)).toBe(false)
  expect(questions).toHaveLength(1)
})

test('[I12] with nobody to ask it stays off, and nothing is remembered', async () => {
  expect(await settleCloud(agent(true), dataDir, undefined, undefined)).toBe(false)
  const { questions, ask } = person(true)
  expect(await settleCloud(agent(true), dataDir, undefined, ask)).toBe(true)
  expect(questions).toHaveLength(1)
})

test('without a login there is nothing to ask about', async () => {
  const { questions, ask } = person(true)
  expect(await settleCloud(agent(false), dataDir, undefined, ask)).toBe(false)
  expect(questions).toEqual([])
})

test('anything but on and off is refused', async () => {
  await expect(settleCloud(agent(true), dataDir, 'maybe', undefined)).rejects.toThrow('on or off')
})
