import { describe, expect, it } from 'vitest'
import { type Attention, attentionOf, openAttentions, pushFor, stillNeeded } from './attention.ts'
import type { EventOf, EventType, SessionEvent } from './events/index.ts'
import type { Ask } from './permission.ts'
import { parsePushMessage } from './push.ts'
import { reduceSession } from './reduce-session.ts'
import type { Session } from './session.ts'

let position = 0
const event = <Type extends EventType>(
  type: Type,
  fields: Omit<EventOf<Type>, 'eventId' | 'cursor' | 'sessionId' | 'at' | 'type'> & { at?: string },
) => {
  position += 1
  return {
    eventId: `evt_${position}`,
    cursor: `logA.${position}`,
    sessionId: 'ses_1',
    at: '2026-11-20T09:41:00.000Z',
    type,
    ...fields,
  } as unknown as SessionEvent
}

const shell = (command: string): Ask => ({
  kind: 'tool',
  tool: { kind: 'shell', name: 'Bash', command },
  input: { command },
  suggestions: [],
})
const question: Ask = {
  kind: 'question',
  questions: [{ question: 'Which store should hold the keys?', multiple: false, choices: [] }],
}
const plan: Ask = { kind: 'plan', plan: '\n# Checkout page in under a second\n\n1. …', modes: [] }

const started = event('session.started', {
  sourceId: 'terminals' as never,
  machine: 'desk',
  title: 'Find the flaky inventory test',
  project: 'shop-api',
})
const asks = (ask: Ask, fields: { at?: string; subagent?: { agentId: string } } = {}) =>
  event('permission.requested', { permissionId: 'per_1' as never, ask, ...fields })
const resolved = event('permission.resolved', {
  permissionId: 'per_1' as never,
  outcome: 'allowed',
  by: { kind: 'terminal' },
})
const ends = (
  outcome: 'finished' | 'failed' | 'interrupted',
  fields: { at?: string; subagent?: { agentId: string }; error?: string } = {},
) => event('turn.ended', { outcome, ...fields })

const fold = (...events: SessionEvent[]): Session => {
  const session = [started, ...events].reduce(reduceSession, undefined as Session | undefined)
  if (session === undefined) throw new TypeError('no session')
  return session
}
const attention = (of: SessionEvent): Attention => {
  const found = attentionOf(of)
  if (found === undefined) throw new TypeError('no attention')
  return found
}
const place = { publicUrl: 'https://desk.shop.dev', waiting: 2 }

describe('what an agent wants', () => {
  const wants: Ask = {
    kind: 'agent',
    deviceId: 'dev_aaaaaaaa' as never,
    agentName: 'desktop',
    command: { type: 'prompt', text: 'Deploy with --token=abcd1234efgh5678' },
  }
  const said = (level: 'private' | 'brief' | 'full') => {
    const session = fold(asks(wants))
    const { title, body } = pushFor(attention(asks(wants)), session, level, place).notification
    return [title, body]
  }

  it('[PU-5] is said as much as the level allows', () => {
    expect(said('private')).toEqual(['Bellhop', 'A session needs you.'])
    expect(said('brief')).toEqual(['shop-api needs you', 'desktop wants to send a message'])
    const [title, body] = said('full')
    expect(title).toBe('shop-api: desktop wants to send a message')
    expect(body).toMatch(/^Deploy with --token=/)
    expect(body).not.toContain('efgh5678')
  })
})

describe('attentionOf', () => {
  it.each([
    ['permission', shell('ls')],
    ['question', question],
    ['plan', plan],
  ])('[PU-3] a %s needs a person, and is known by its permission', (kind, ask) => {
    expect(attentionOf(asks(ask))).toEqual({
      kind,
      sessionId: 'ses_1',
      permissionId: 'per_1',
      tag: 'per_1',
      at: '2026-11-20T09:41:00.000Z',
    })
  })

  it.each(['finished', 'failed'] as const)('[PU-3] a turn that %s needs a person', (outcome) => {
    expect(attentionOf(ends(outcome))).toEqual({
      kind: outcome,
      sessionId: 'ses_1',
      tag: 'ses_1',
      at: '2026-11-20T09:41:00.000Z',
    })
  })

  it('[PU-3] a subagent’s permission needs a person, its end does not', () => {
    const subagent = { agentId: 'a1' }
    expect(attentionOf(asks(shell('ls'), { subagent }))?.kind).toBe('permission')
    expect(attentionOf(ends('finished', { subagent }))).toBeUndefined()
  })

  it.each([
    ['an interruption', ends('interrupted')],
    ['a turn that begins', event('turn.started', {})],
    ['an answer', resolved],
    ['a session that ends', event('session.ended', { reason: 'exited' })],
    ['words', event('message.agent', { messageId: 'm', text: 'Done.' })],
    ['an unknown event', { ...started, type: 'unknown', originalType: 'x', raw: {} } as never],
  ])('[PU-3] %s does not', (_name, other) => {
    expect(attentionOf(other)).toBeUndefined()
  })

  it('[PU-3] an old turn’s end is history; an old permission may still be open', () => {
    const at = '2026-11-20T09:40:59.999Z'
    const since = '2026-11-20T09:41:00Z'
    expect(attentionOf(ends('finished', { at }), since)).toBeUndefined()
    expect(attentionOf(asks(plan, { at }), since)?.kind).toBe('plan')
  })

  it('[PU-3] compares moments, not letters', () => {
    const at = '2026-11-20T09:41:00.250Z'
    expect(attentionOf(ends('finished', { at }), '2026-11-20T09:41:00Z')?.kind).toBe('finished')
  })

  it('[PU-3] finds in a snapshot the same asks as in the events', () => {
    const asked = asks(question)
    expect(openAttentions(fold(asked))).toEqual([attentionOf(asked)])
    expect(openAttentions(fold(asked, resolved))).toEqual([])
  })
})

describe('stillNeeded', () => {
  const asked = asks(shell('ls'))
  it('[PU-4] a permission is needed until it is resolved or its session ends', () => {
    expect(stillNeeded(attention(asked), fold(asked))).toBe(true)
    expect(stillNeeded(attention(asked), fold(asked, resolved))).toBe(false)
    const over = event('session.ended', { reason: 'died' })
    expect(stillNeeded(attention(asked), fold(asked, over))).toBe(false)
    expect(stillNeeded(attention(asked), undefined)).toBe(false)
    const other = { ...asked, permissionId: 'per_2' } as SessionEvent
    expect(stillNeeded(attention(asked), fold(asked, other, resolved))).toBe(false)
  })

  it('[PU-4] a finished turn is news until the session works, waits or ends', () => {
    const finished = ends('finished')
    expect(stillNeeded(attention(finished), fold(finished))).toBe(true)
    expect(stillNeeded(attention(finished), fold(finished, event('turn.started', {})))).toBe(false)
    expect(stillNeeded(attention(finished), fold(finished, asked))).toBe(false)
    expect(stillNeeded(attention(finished), fold(ends('failed')))).toBe(false)
    const over = event('session.ended', { reason: 'exited' })
    expect(stillNeeded(attention(finished), fold(finished, over))).toBe(false)
  })
})

describe('pushFor', () => {
  const said = (
    event: SessionEvent,
    level: 'private' | 'brief' | 'full',
    ...before: SessionEvent[]
  ) => {
    const push = pushFor(attention(event), fold(...before, event), level, place)
    return [push.notification.title, push.notification.body]
  }

  it.each([
    ['private', asks(shell('ls')), ['Bellhop', 'A session needs you.']],
    ['private', asks(question), ['Bellhop', 'A session needs you.']],
    ['private', ends('finished'), ['Bellhop', 'A session finished.']],
    ['private', ends('failed', { error: 'x' }), ['Bellhop', 'A session stopped.']],
    ['brief', asks(shell('pnpm test')), ['shop-api needs you', 'Run a command?']],
    ['brief', asks(question), ['shop-api needs you', 'A question']],
    ['brief', asks(plan), ['shop-api needs you', 'Plan ready: Checkout page in under a second']],
    ['brief', ends('finished'), ['shop-api finished', 'Find the flaky inventory test']],
    [
      'brief',
      ends('failed', { error: 'The API was overloaded.' }),
      ['shop-api stopped', 'The API was overloaded.'],
    ],
    ['brief', ends('failed'), ['shop-api stopped', 'A session stopped.']],
    [
      'full',
      asks(shell('pnpm test\nwebhooks')),
      ['shop-api: run a command?', 'pnpm test webhooks'],
    ],
    ['full', asks(question), ['shop-api: a question', 'Which store should hold the keys?']],
    ['full', asks(plan), ['shop-api: plan ready', 'Checkout page in under a second']],
  ] as const)('[PU-5] at %s says no more than that level allows', (level, event, words) => {
    expect(said(event, level)).toEqual(words)
  })

  it('[PU-5] at private tells nothing of the session, on its button neither', () => {
    const asked = asks(question)
    const { notification } = pushFor(attention(asked), fold(asked), 'private', place)
    const visible = [
      notification.title,
      notification.body,
      ...notification.actions.map((a) => a.title),
    ]
    expect(visible).toEqual(['Bellhop', 'A session needs you.', 'Open'])
  })

  it('[PU-5] at full tells how a finished turn ended', () => {
    const spoke = event('message.agent', { messageId: 'm', text: 'All 64 tests pass.' })
    expect(said(ends('finished'), 'full', spoke)).toEqual([
      'shop-api finished',
      'All 64 tests pass.',
    ])
  })

  it('[PU-5] masks secrets wherever words come from the session', () => {
    const secret = 'hunter2-Zq81'
    const all = [
      said(asks(shell(`DB_PASSWORD=${secret} pnpm migrate`)), 'full'),
      said(asks({ ...plan, plan: `Log in with token=${secret}` }), 'brief'),
      said(ends('failed', { error: `401 for token: ${secret}` }), 'brief'),
      said(
        ends('finished'),
        'full',
        event('message.agent', { messageId: 'm', text: `Set API_KEY=${secret}.` }),
      ),
      said(ends('finished'), 'brief', event('session.changed', { title: `use key=${secret}` })),
    ]
    expect(JSON.stringify(all)).not.toContain(secret)
    expect(JSON.stringify(all).match(/••••/g)).toHaveLength(5)
  })

  it('[PU-5] draws a box for each character that hides or reorders others', () => {
    const command = 'echo \u202Etxt.exe\u2066\u200B \u0007 \uD83D done'
    expect(said(asks(shell(command)), 'full')[1]).toBe('echo ▯txt.exe▯▯ ▯ \uFFFD done')
  })

  it('[PU-1] is Declarative Web Push, the badge in both places, no button that decides', () => {
    const asked = asks(shell('ls'))
    const push = pushFor(attention(asked), fold(asked), 'brief', {
      ...place,
      publicUrl: 'https://desk.shop.dev/',
    })
    const navigate = 'https://desk.shop.dev/#/s/ses_1/per_1'
    expect(push).toEqual({
      web_push: 8030,
      notification: {
        title: 'shop-api needs you',
        body: 'Run a command?',
        navigate,
        tag: 'per_1',
        lang: 'en',
        dir: 'auto',
        silent: false,
        renotify: false,
        timestamp: Date.parse('2026-11-20T09:41:00.000Z'),
        app_badge: '2',
        data: { kind: 'permission', sessionId: 'ses_1', permissionId: 'per_1' },
        actions: [{ action: 'open', title: 'Review', navigate }],
      },
      app_badge: 2,
      mutable: false,
    })
    expect(parsePushMessage(push)).toEqual(push)
  })

  it('[PU-9] sounds again only for a reminder or a later turn', () => {
    const asked = asks(shell('ls'))
    const renotify = (of: SessionEvent, reminder: boolean) =>
      pushFor(attention(of), fold(of), 'brief', { ...place, reminder }).notification.renotify
    expect(renotify(asked, false)).toBe(false)
    expect(renotify(asked, true)).toBe(true)
    expect(renotify(ends('finished'), false)).toBe(true)
  })

  it('[PU-2] is small and quick whatever the input', () => {
    const huge = asks(shell(`漢🛎${'a-'.repeat(90_000)}`))
    const named = event('session.changed', { project: '漢'.repeat(500) })
    const push = pushFor(attention(huge), fold(named, huge), 'full', place)
    expect(parsePushMessage(push)).toEqual(push)
    expect(new TextEncoder().encode(JSON.stringify(push)).length).toBeLessThanOrEqual(3993)
  })
})

describe('a session that dies', () => {
  const died = event('session.ended', { reason: 'died' })
  it('[PU-3] rings as failed when it died over its work, and not when it was at rest', () => {
    const working = fold(event('turn.started', {}), died)
    expect(working).toMatchObject({ status: 'ended', lastOutcome: 'failed' })
    expect(stillNeeded(attention(died), working)).toBe(true)
    const resting = fold(event('turn.started', {}), ends('finished'), died)
    expect(stillNeeded(attention(died), resting)).toBe(false)
    expect(attentionOf(event('session.ended', { reason: 'exited' }))).toBeUndefined()
  })
})
