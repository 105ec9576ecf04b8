import type { Cursor, SessionEvent, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { EventLog } from '../../apps/relay/src/sessions/event-log.ts'
import { said, stamped, started } from '../support/drafts.ts'
import { until } from '../support/until.ts'
import type { OpenFresh } from './backend.contract.ts'

const texts = (events: readonly SessionEvent[]) =>
  events.map((event) => (event.type === 'message.agent' ? event.text : event.type))

const fill = (log: EventLog, session: string, from: number, to: number) =>
  log.append(Array.from({ length: to - from }, (_, at) => said(session, `${from + at}`)))

const ses = (name: string) => `ses_${name}` as SessionId

/** What a log promises. */
export const logContract = (open: OpenFresh): void => {
  test('[EV-1] an event comes back as it was stored, with its cursor and without its key', async () => {
    await using one = await open()
    const { log } = one.backend
    const start = await log.head()
    const draft = said('a', 'hello', { causedBy: 'cmd_12345678' })
    const [stored] = await log.append([started('a'), draft]).then((events) => events.slice(1))
    const page = await log.read({ after: start, limit: 10 })
    expect(page.events[1]).toEqual(stored)
    const { dedupeKey: _, ...rest } = draft
    expect(stored).toEqual({ ...rest, cursor: await log.head() })
    expect(page).toMatchObject({ hasMore: false, reset: false, cursor: await log.head() })
  })

  test('[EV-2] [I5] of two drafts of a session with the same key only the first is stored, whenever the second comes', async () => {
    await using one = await open()
    const { log } = one.backend
    const start = await log.head()
    const first = said('a', 'first', { dedupeKey: 'k' })
    const again = said('a', 'again', { dedupeKey: 'k' })
    const elsewhere = said('b', 'elsewhere', { dedupeKey: 'k' })
    expect(texts(await log.append([first, again, elsewhere]))).toEqual(['first', 'elsewhere'])
    expect(await log.append([again])).toEqual([])
    expect(texts((await log.read({ after: start, limit: 10 })).events)).toEqual([
      'first',
      'elsewhere',
    ])
  })

  test('[ST-2] pages follow one another without a gap or a repeat, and the last one ends at the head', async () => {
    await using one = await open()
    const { log } = one.backend
    let after = await log.head()
    await fill(log, 'a', 0, 25)
    const read: string[] = []
    for (let pages = 0; ; pages++) {
      const page = await log.read({ after, limit: 10 })
      read.push(...texts(page.events))
      after = page.cursor
      if (!page.hasMore) {
        expect(pages).toBe(2)
        break
      }
    }
    expect(read).toEqual(Array.from({ length: 25 }, (_, at) => `${at}`))
    expect(after).toBe(await log.head())
    expect(await log.read({ after, limit: 10 })).toMatchObject({ events: [], hasMore: false })
  })

  test('[ST-2] every place between two events can be read from', async () => {
    await using one = await open()
    const { log } = one.backend
    const start = await log.head()
    const events = await fill(log, 'a', 0, 5)
    for (const [at, cursor] of [start, ...events.map((event) => event.cursor)].entries()) {
      const page = await log.read({ after: cursor, limit: 100 })
      expect(texts(page.events)).toEqual(['0', '1', '2', '3', '4'].slice(at))
    }
  })

  test('[ST-2] a reader of some sessions gets theirs alone, and its cursor passes over the others', async () => {
    await using one = await open()
    const { log } = one.backend
    const start = await log.head()
    await log.append([said('a', '1'), said('b', '2'), said('a', '3'), said('c', '4')])
    const page = await log.read({ after: start, sessionIds: [ses('a')], limit: 1 })
    expect(texts(page.events)).toEqual(['1'])
    expect(page.hasMore).toBe(true)
    const rest = await log.read({ after: page.cursor, sessionIds: [ses('a')], limit: 1 })
    expect(texts(rest.events)).toEqual(['3'])
    expect(rest).toMatchObject({ hasMore: false, cursor: await log.head() })
    const both = await log.read({ after: start, sessionIds: [ses('a'), ses('c')], limit: 9 })
    expect(texts(both.events)).toEqual(['1', '3', '4'])
  })

  test('[ST-1] a cursor of another log, or of a place not reached yet, is answered with reset', async () => {
    await using one = await open()
    await using other = await open()
    const { log } = one.backend
    await fill(log, 'a', 0, 3)
    await fill(other.backend.log, 'a', 0, 3)
    const head = await log.head()
    const foreign = await other.backend.log.head()
    const beyond = head.replace(/\d+$/, '4') as Cursor
    for (const after of [foreign, beyond, 'nolog.1' as Cursor]) {
      const page = await log.read({ after, limit: 10 })
      expect(page).toEqual({ events: [], cursor: head, hasMore: false, reset: true })
    }
  })

  test('[TR-1] a session can be read back from its end, page by page', async () => {
    await using one = await open()
    const { log } = one.backend
    await fill(log, 'a', 0, 4)
    await fill(log, 'b', 0, 4)
    await fill(log, 'a', 4, 7)
    const last = await log.readBack({ sessionId: ses('a'), limit: 3 })
    expect(texts(last.events)).toEqual(['4', '5', '6'])
    expect(last.hasMore).toBe(true)
    const before = last.events[0]?.cursor as Cursor
    const older = await log.readBack({ sessionId: ses('a'), before, limit: 4 })
    expect(texts(older.events)).toEqual(['0', '1', '2', '3'])
    expect(older.hasMore).toBe(false)
    expect(await log.readBack({ sessionId: ses('nobody'), limit: 4 })).toEqual({
      events: [],
      hasMore: false,
    })
  })

  test('[I3] listeners hear that there is more, until they leave; what was stored before says nothing', async () => {
    await using one = await open()
    const { log } = one.backend
    let heard = 0
    const listening = log.onAppend(() => heard++)
    await log.append([said('a', '1')])
    await until(() => heard > 0)
    const before = heard
    await log.append([said('a', '1')])
    expect(heard).toBe(before)
    listening[Symbol.dispose]()
    await log.append([said('a', '2')])
    expect(heard).toBe(before)
  })

  test('[I1] when a draft cannot be stored, none of its append is', async () => {
    await using one = await open()
    const { log, sessions } = one.backend
    await log.append([started('a')])
    const head = await log.head()
    const bad = stamped('a', 'permission.requested', { permissionId: 'per_1', ask: null })
    Object.defineProperty(bad, 'permissionId', {
      enumerable: true,
      get: () => {
        throw new TypeError('cannot be read')
      },
    })
    await expect(log.append([said('a', 'good'), bad])).rejects.toThrow()
    expect(await log.head()).toBe(head)
    expect((await sessions.get(ses('a')))?.lastLine).toBeNull()
    expect(texts(await log.append([said('a', 'good')]))).toEqual(['good'])
  })

  test('[EV-2] appends at the same time are stored whole and one after the other', async () => {
    await using one = await open()
    const { log } = one.backend
    const start = await log.head()
    await Promise.all([fill(log, 'a', 0, 50), fill(log, 'b', 0, 50), fill(log, 'a', 25, 75)])
    const { events } = await log.read({ after: start, limit: 1000 })
    const own = (name: string) => texts(events.filter((event) => event.sessionId === ses(name)))
    expect(own('a')).toEqual(Array.from({ length: 75 }, (_, at) => `${at}`))
    expect(own('b')).toEqual(Array.from({ length: 50 }, (_, at) => `${at}`))
  })
}
