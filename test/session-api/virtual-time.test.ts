import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createVirtualTime } from '../support/virtual-time.ts'
import { startSessionApi } from './session-api.ts'
import { createWorker } from './worker.ts'

const never = new AbortController().signal

test('what falls due runs in order, each at its moment, and what it sets in its turn', async () => {
  const time = createVirtualTime(0)
  const seen: string[] = []
  const note = (name: string) => () => seen.push(`${name} ${time.nowMs()}`)
  time.after(300, note('c'))
  time.after(100, () => {
    note('a')()
    time.after(100, note('b'))
  })
  using _gone = time.after(150, note('gone'))
  _gone[Symbol.dispose]()
  await time.pass(250)
  expect(seen).toEqual(['a 100', 'b 200'])
  expect(time.nowMs()).toBe(250)
  await time.pass(50)
  expect(seen.at(-1)).toBe('c 300')
  expect(time.pending).toBe(0)
})

test('a wait ends early with its signal, and leaves no alarm behind', async () => {
  const time = createVirtualTime()
  const giveUp = new AbortController()
  const waiting = time.wait(1_000, giveUp.signal)
  giveUp.abort()
  await waiting
  expect(time.pending).toBe(0)
  await time.wait(1_000, AbortSignal.abort())
})

test('time stands still while something is under way', async () => {
  const time = createVirtualTime(0)
  let turnsLeft = 200
  time.busy(() => turnsLeft > 0)
  const seen: number[] = []
  time.after(10, () => seen.push(turnsLeft))
  const working = (async () => {
    while (turnsLeft > 0) {
      await nextTurn()
      turnsLeft -= 1
    }
  })()
  await time.pass(10)
  await working
  expect(seen).toEqual([0])
})

test('work behind files and requests is waited for before time moves on', async () => {
  const time = createVirtualTime(0)
  await using api = await startSessionApi({ time })
  const headers = {
    authorization: `Bearer ${api.accessToken}`,
    'anthropic-version': '2023-06-01',
  }
  const seenAtMs: number[] = []
  const poll = async () => {
    for (;;) {
      await readFile(import.meta.filename, 'utf8')
      const response = await fetch(`${api.url}/v1/code/sessions`, { headers })
      await response.json()
      seenAtMs.push(time.nowMs())
      await time.wait(1_000, never)
    }
  }
  void poll()
  await time.pass(5_500)
  expect(seenAtMs).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000])
})

test('an hour with thirty sessions, two of them busy, and three open streams is short', async () => {
  const time = createVirtualTime()
  await using api = await startSessionApi({ time })
  const headers = {
    authorization: `Bearer ${api.accessToken}`,
    'anthropic-version': '2023-06-01',
    'anthropic-client-platform': 'web_claude_ai',
  }
  const sessions = Array.from({ length: 30 }, () => api.addSession())
  const workers = sessions.map((session) => createWorker(session, { time }))
  const closing = new AbortController()
  const heard = [0, 0, 0]
  for (const [at, session] of sessions.slice(0, 3).entries()) {
    const { body } = await fetch(`${api.url}/v1/code/sessions/${session.id}/events/stream`, {
      headers,
      signal: closing.signal,
    })
    const read = async () => {
      for await (const chunk of body ?? []) heard[at] = (heard[at] ?? 0) + chunk.length
    }
    read().catch(() => {})
  }
  const startedMs = performance.now()
  for (let minute = 0; minute < 60; minute += 1) {
    for (const session of sessions.slice(0, 2))
      session.receive(
        { type: 'user', uuid: randomUUID(), message: { role: 'user', content: 'go on' } },
        { family: 'code', platform: 'ios' },
      )
    await time.pass(60_000)
  }
  closing.abort()
  const tookMs = performance.now() - startedMs
  expect(workers[0]?.heard).toHaveLength(60)
  expect(Math.min(...heard)).toBeGreaterThan(1_000)
  expect(tookMs).toBeLessThan(10_000)
})
