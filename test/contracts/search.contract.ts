import type { SearchAnswer, SearchRequest, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createTranscriptSearch } from '../../apps/relay/src/sessions/transcript-search.ts'
import { said, stamped, started } from '../support/drafts.ts'
import type { OpenFresh } from './backend.contract.ts'

const ses = (name: string) => `ses_${name}` as SessionId

const texts = ({ sessions }: SearchAnswer) =>
  sessions.flatMap(({ hits }) => hits.map(({ text }) => text))

const person = (session: string, text: string) =>
  stamped(session, 'message.person', { messageId: text, text, from: 'person' })

type Backend = Awaited<ReturnType<OpenFresh>>['backend']

const searching = (backend: Backend, lookedAt?: number) => {
  const { search } = createTranscriptSearch({
    index: backend.search,
    sessions: backend.sessions,
    ...(lookedAt && { lookedAt }),
  })
  return (words: string, fields: Partial<SearchRequest> = {}) =>
    search({ words, limit: 100, ...fields })
}

/** What every engine promises of finding words. */
export const searchContract = (open: OpenFresh): void => {
  test('[SE-1] words are found whoever or whatever said them, with who that was', async () => {
    await using one = await open()
    const tool = { kind: 'shell', name: 'Bash', command: 'rg lantern src' }
    const edits = [{ before: 'old', after: 'return lantern(1)' }]
    const question = { question: 'Which lantern?', multiple: false, choices: [{ label: 'Red' }] }
    const ends = { outcome: 'ok', result: { text: 'a \u001b[31mlantern\u001b[0m burns' } }
    await one.backend.log.append([
      started('a'),
      person('a', 'Light the lantern'),
      stamped('a', 'message.person', {
        messageId: 'p',
        text: 'lantern, says a peer',
        from: 'peer',
      }),
      said('a', 'The lantern is lit'),
      stamped('a', 'message.thinking', { messageId: 't', text: 'A lantern needs oil' }),
      stamped('a', 'message.note', { text: 'lantern compacted', tone: 'plain' }),
      stamped('a', 'tool.started', { toolCallId: '1', tool }),
      stamped('a', 'tool.ended', { toolCallId: '1', ...ends }),
      stamped('a', 'tool.started', {
        toolCallId: '2',
        tool: { kind: 'edit', name: 'Edit', path: 'src/money.ts', edits },
      }),
      stamped('a', 'tool.started', {
        toolCallId: '3',
        tool: { kind: 'read', name: 'Read', path: 'docs/lantern.md' },
      }),
      stamped('a', 'tool.started', {
        toolCallId: '4',
        tool: { kind: 'search', name: 'Grep', pattern: 'lantern', looksAt: 'contents' },
      }),
      stamped('a', 'permission.requested', {
        permissionId: 'per_1',
        ask: { kind: 'question', questions: [question] },
      }),
      stamped('a', 'permission.resolved', {
        permissionId: 'per_1',
        outcome: 'answered',
        by: { kind: 'terminal' },
        text: 'The red lantern',
      }),
      stamped('a', 'permission.requested', {
        permissionId: 'per_2',
        ask: { kind: 'plan', plan: '# Build a lantern', modes: [] },
      }),
    ])
    const answer = await searching(one.backend)('lantern', { sessionId: ses('a') })
    expect(answer.sessions).toHaveLength(1)
    const hits = answer.sessions[0]?.hits ?? []
    expect(hits.map(({ kind }) => kind)).toEqual([
      'plan',
      'answer',
      'question',
      'tool',
      'read',
      'change',
      'output',
      'command',
      'note',
      'thinking',
      'agent',
      'peer',
      'person',
    ])
    expect(hits[5]).toMatchObject({ text: 'return lantern(1)', marks: [[7, 14]] })
    expect(hits[6]).toMatchObject({ text: 'a lantern burns' })
    const { events } = await one.backend.log.readBack({ sessionId: ses('a'), limit: 100 })
    const plan = events.at(-1)
    expect(hits[0]).toMatchObject({
      sessionId: ses('a'),
      eventId: plan?.eventId,
      cursor: plan?.cursor,
      at: plan?.at,
    })
  })

  test('[SE-1] words can be looked for among those of some kinds and of one session alone', async () => {
    await using one = await open()
    await one.backend.log.append([started('a'), started('b')])
    await one.backend.log.append([person('a', 'an oak'), said('a', 'oak a'), said('b', 'oak b')])
    const search = searching(one.backend)
    expect(texts(await search('oak', { kinds: ['agent'] }))).toEqual(['oak b', 'oak a'])
    expect(texts(await search('oak', { kinds: ['person', 'plan'] }))).toEqual(['an oak'])
    expect(texts(await search('oak', { sessionId: ses('a') }))).toEqual(['oak a', 'an oak'])
    expect(texts(await search('oak', { sessionId: ses('a'), kinds: ['agent'] }))).toEqual(['oak a'])
    await expect(search('oak', { sessionId: ses('nobody') })).rejects.toMatchObject({
      code: 'session_not_found',
    })
  })

  test('[SE-2] all words stand in one event, phrases in their order, and the last word may be a beginning', async () => {
    await using one = await open()
    await one.backend.log.append([
      started('a'),
      said('a', 'round the refund down'),
      said('a', 'the refund is round'),
      said('a', 'refunds go round_down()'),
    ])
    const search = searching(one.backend)
    const found = async (words: string) => texts(await search(words)).toSorted()
    expect(await found('refund round')).toEqual(['round the refund down', 'the refund is round'])
    expect(await found('round refun')).toHaveLength(3)
    expect(await found('"the refund"')).toHaveLength(2)
    expect(await found('"the refund is')).toEqual(['the refund is round'])
    expect(await found('"refun"')).toEqual([])
    expect(await found('round_down')).toEqual(['refunds go round_down()'])
    expect(await found('refun round')).toEqual([])
  })

  test('[SE-2] nothing that can be typed is an error, and signs alone find nothing', async () => {
    await using one = await open()
    await one.backend.log.append([
      started('a'),
      said('a', 'x AND y OR "z" NEAR(q) col:on -minus *'),
    ])
    const search = searching(one.backend)
    const typed = [
      '"',
      '""',
      '*',
      '^x',
      'x*y',
      'col:on',
      'tags:kagent',
      '{tags} : x',
      'NEAR(x y, 2)',
      'x AND',
      'NOT',
      '-x',
      '(',
      ')x(',
      "'; DROP TABLE search; --",
      '\\',
      '\u0000x',
      '\ud800',
      '🦊',
      'ﷺ ㍿ ß İ',
      '+ + +',
      'x"y"z"',
    ]
    for (const words of typed) await search(words)
    for (const signs of ['---', '"" ""', '🦊', '*']) expect(texts(await search(signs))).toEqual([])
    expect(texts(await search('AND OR NEAR'))).toHaveLength(1)
    expect(texts(await search('kagent'))).toEqual([])
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let round = 0; round < 300; round++) {
      const length = 1 + random(12)
      const signs = Array.from({ length }, () =>
        String.fromCodePoint(random(4) === 0 ? random(0x11000) : 32 + random(96)),
      )
      await search(signs.join(''))
    }
  })

  test('[SE-3] case and marks make no difference, however they are written, in any script', async () => {
    await using one = await open()
    await one.backend.log.append([
      started('a'),
      said('a', 'Ärger über CAFÉ'),
      said('a', 'caf\u0065\u0301 ole\u0301'),
      said('a', '修正退款舍入错误'),
      said('a', 'ОШИБКА Ошибка'),
    ])
    const search = searching(one.backend)
    for (const words of ['ärger', 'ARGER', 'A\u0308rger', 'uber', 'über caf'])
      expect(texts(await search(words))).toEqual(['Ärger über CAFÉ'])
    expect(texts(await search('café'))).toHaveLength(2)
    expect(texts(await search('退款'))).toEqual(['修正退款舍入错误'])
    expect(texts(await search('款退'))).toEqual([])
    expect((await search('ошибка')).sessions[0]?.hits[0]?.marks).toEqual([
      [0, 6],
      [7, 13],
    ])
  })

  test('[SE-4] hits come by session, the newest first, and each says how many places it has', async () => {
    await using one = await open()
    await one.backend.log.append([started('a'), started('b'), started('c')])
    await one.backend.log.append([
      said('b', 'elm 0'),
      ...Array.from({ length: 5 }, (_, at) => said('a', `elm ${at + 1}`)),
      said('c', 'ash'),
      said('b', 'elm 6'),
    ])
    const answer = await searching(one.backend)('elm')
    expect(answer.sessions.map(({ sessionId, places }) => [sessionId, places])).toEqual([
      [ses('b'), 2],
      [ses('a'), 5],
    ])
    expect(texts(answer)).toEqual(['elm 6', 'elm 0', 'elm 5', 'elm 4', 'elm 3'])
    expect(answer.searched).toBe(3)
    expect(answer.next).toBeUndefined()
  })

  test('[SE-4] [EV-7] what a joined session said is found under the one it is joined to', async () => {
    await using one = await open()
    await one.backend.log.append([started('a'), started('b'), said('b', 'a yew'), said('a', 'yew')])
    const search = searching(one.backend)
    await one.backend.log.append([stamped('b', 'session.joined', { into: ses('a') })])
    for (const sessionId of [undefined, ses('a'), ses('b')]) {
      const answer = await search('yew', sessionId && { sessionId })
      expect(answer.sessions).toMatchObject([
        {
          sessionId: ses('a'),
          places: 2,
          hits: [{ sessionId: ses('a') }, { sessionId: ses('b') }],
        },
      ])
      expect(answer.searched).toBe(1)
    }
  })

  test('[SE-5] pages follow one another without a gap or a repeat, also where an answer ends early', async () => {
    await using one = await open()
    const all = Array.from({ length: 40 }, (_, at) => `fir ${at}`)
    await one.backend.log.append([started('a'), started('b'), started('c')])
    await one.backend.log.append(
      all.map((text, at) => said(at % 10 === 0 ? 'b' : at % 3 === 0 ? 'c' : 'a', text)),
    )
    const bounds = [
      { limit: 4, lookedAt: 100 },
      { limit: 100, lookedAt: 7 },
    ]
    for (const { limit, lookedAt } of bounds) {
      const search = searching(one.backend, lookedAt)
      const read = async (fields: Partial<SearchRequest>) => {
        const pages: SearchAnswer[] = []
        for (;;) {
          const before = pages.at(-1)?.next
          pages.push(await search('fir', { limit, ...fields, ...(before && { before }) }))
          if (pages.at(-1)?.next === undefined) return pages
        }
      }
      const pages = await read({})
      const places = pages.flatMap(({ sessions }) => sessions.map((each) => each.places))
      expect(places.reduce((sum, each) => sum + each)).toBe(40)
      expect(pages.every((page) => texts(page).length <= limit)).toBe(true)
      const own = await read({ sessionId: ses('a') })
      expect(own.flatMap(texts)).toEqual(
        all.filter((_, at) => at % 10 !== 0 && at % 3 !== 0).toReversed(),
      )
    }
  })

  test('[SE-6] what is trimmed is found no longer, and what is stored is found at once', async () => {
    await using one = await open()
    const { log } = one.backend
    const search = searching(one.backend)
    await log.append([started('a'), said('a', 'old pine'), stamped('a', 'turn.started')])
    expect(texts(await search('pine'))).toEqual(['old pine'])
    one.clock.ms += 1_000
    await log.append([said('a', 'new pine')])
    while ((await log.trim({ keepPerSession: 1_000, beforeMs: one.clock.ms })).more);
    expect(texts(await search('pine'))).toEqual(['new pine'])
    expect((await search('pine')).sessions[0]?.places).toBe(1)
  })

  test('[SE-6] [I1] what could not be stored is not found', async () => {
    await using one = await open()
    const { log } = one.backend
    await log.append([started('a')])
    const bad = stamped('a', 'permission.requested', { permissionId: 'per_1', ask: null })
    Object.defineProperty(bad, 'permissionId', {
      enumerable: true,
      get: () => {
        throw new TypeError('cannot be read')
      },
    })
    await expect(log.append([said('a', 'a lost larch'), bad])).rejects.toThrow()
    expect(texts(await searching(one.backend)('larch'))).toEqual([])
  })
}
