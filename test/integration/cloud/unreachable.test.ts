import type { SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { type Certificate, makeCertificate } from '../../support/certificate.ts'
import { agentSays, personSays } from '../../support/cloud-payloads.ts'
import { type CloudRelay, type Seat, startCloudRelay } from '../../support/cloud-relay.ts'
import { cloudSourceAt } from '../../support/cloud-source-at.ts'
import { openedRows, sideBySide } from '../../support/cloud-transcript.ts'
import { startTlsFront, type TlsFront, trustOnly } from '../../support/tls-front.ts'
import type { VirtualPhone } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** No name has so long a part (RFC 1035), so a resolver says no without asking anybody. */
const NOBODY = `https://${'x'.repeat(64)}.invalid`

type Stage = AsyncDisposable & {
  rig: CloudRelay
  front: TlsFront
  good: Certificate
  trust(...more: Certificate[]): void
  /** Where the source asks. */
  goTo(address: string): void
}

/** A relay whose cloud source reaches the test server by https alone. */
const setUp = async (): Promise<Stage> => {
  await using undo = new AsyncDisposableStack()
  const good = makeCertificate()
  const trusting = undo.use(new DisposableStack())
  trusting.use(trustOnly(good))
  const front = undo.use(await startTlsFront(good))
  const time = createVirtualTime(Date.now())
  undo.use(time.busy(front.isBusy))
  let address = front.url
  const rig = await startCloudRelay({
    time,
    openSource: ({ url, ...parts }) => {
      front.leadTo(url)
      return cloudSourceAt(() => address, parts)
    },
  })
  undo.use(rig)
  const parts = undo.move()
  return {
    rig,
    front,
    good,
    trust: (...more) => void trusting.use(trustOnly(good, ...more)),
    goTo: (to) => {
      address = to
      front.cut()
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

const told = (rig: CloudRelay, phone: VirtualPhone, id: SessionId, text: string) =>
  rig.eventually(() => phone.rows(id).some((row) => row.kind === 'agent' && row.text === text), {
    what: `“${text}” on the phone`,
    withinMs: 2 * MINUTE,
  })

/** A session that was read while all was well. */
const watched = async (rig: CloudRelay, phone: VirtualPhone): Promise<Seat> => {
  const seat = rig.seat({ title: 'watched' })
  seat.session.emit(personSays('begin'))
  seat.session.emit(agentSays('Begun.'))
  await rig.listed(phone, seat.id, { withinMs: MINUTE })
  await rig.look(phone, seat.id)
  await told(rig, phone, seat.id, 'Begun.')
  await rig.eventually(() => rig.api.openStreams.events === 1)
  return seat
}

type Trouble = {
  what: string
  begin(stage: Stage): void
  /** What a person reads. */
  words: RegExp
  /** Whether nobody can know that nothing arrived. */
  isInDoubt?: boolean
}

const shows = (certificate: () => Certificate, isTrusted = true) => {
  return ({ front, trust }: Stage) => {
    const shown = certificate()
    if (isTrusted) trust(shown)
    front.show(shown)
  }
}

const TROUBLES: Trouble[] = [
  {
    what: 'a certificate nobody vouches for',
    begin: shows(() => makeCertificate(), false),
    words: /127\.0\.0\.1:\d+ cannot be trusted \(TLS: DEPTH_ZERO_SELF_SIGNED_CERT\); a proxy/,
  },
  {
    what: 'a certificate for another address',
    begin: shows(() => makeCertificate({ address: '127.0.0.2' })),
    words: /cannot be trusted \(TLS: ERR_TLS_CERT_ALTNAME_INVALID\)/,
  },
  {
    what: 'a certificate for another purpose',
    begin: shows(() => makeCertificate({ purpose: 'client' })),
    words: /cannot be trusted \(TLS: INVALID_PURPOSE\)/,
  },
  {
    what: 'a certificate with too weak a key',
    begin: shows(() => makeCertificate({ isWeak: true })),
    words: /cannot be trusted \(TLS: .*key too weak\)/,
  },
  {
    what: 'a certificate that is over',
    begin: shows(() => makeCertificate({ toMs: Date.now() - DAY / 2 })),
    words: /does not hold at this time \(TLS: CERT_HAS_EXPIRED\); check the relay’s clock/,
  },
  {
    what: 'a certificate that is not valid yet',
    begin: shows(() => makeCertificate({ fromMs: Date.now() + DAY / 2 })),
    words: /does not hold at this time \(TLS: CERT_NOT_YET_VALID\); check the relay’s clock/,
  },
  {
    what: 'plain http in place of TLS',
    begin: ({ front }) => front.speakPlainly(),
    words: /cannot be trusted \(TLS: ERR_SSL_WRONG_VERSION_NUMBER\)/,
  },
  {
    what: 'a line reset amid its handshake',
    begin: ({ front }) => front.breakOff(),
    words: /cannot reach 127\.0\.0\.1:\d+ \(ECONNRESET\); check the network/,
    // A reset says nothing of what got through before it. [CM-8]
    isInDoubt: true,
  },
  {
    what: 'a name no resolver knows',
    begin: ({ goTo }) => goTo(NOBODY),
    words: /cannot find x+\.invalid \(DNS: ENOTFOUND\); check its network/,
  },
]

test.each(TROUBLES)(
  '[EV-9] [A-38] [A-91] behind $what the list stays readable, the source says so and since when, and catches up by itself',
  async ({ begin, words, isInDoubt }) => {
    await using stage = await setUp()
    const { rig, front, good, goTo } = stage
    await using phone = await rig.phone()
    const seat = await watched(rig, phone)
    const { session, worker, id } = seat
    expect(await rig.health(phone)).toMatchObject({ state: 'ok' })

    const before = sideBySide(session, phone.rows(id)).stored
    const beganMs = rig.time.nowMs()
    const asked = rig.api.requests.length
    begin(stage)
    session.emit(agentSays('Said meanwhile.'))
    const other = rig.addSession({ title: 'begun meanwhile' })
    const down = await rig.eventually(
      async () => {
        const health = await rig.health(phone)
        return health.state === 'down' && health
      },
      { withinMs: 2 * MINUTE, what: 'a source that says it is down' },
    )
    expect(down.text).toMatch(words)
    expect(Math.abs(Date.parse(down.since ?? '') - beganMs)).toBeLessThan(5 * SECOND)

    // A message is told the same, and nothing of it gets anywhere.
    const refused = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'not now' })
    expect(refused).toMatchObject(
      isInDoubt ? { state: 'unconfirmed' } : { state: 'refused', code: 'source_unreachable' },
    )
    expect(refused.text).toMatch(words)
    expect(rig.api.requests).toHaveLength(asked)

    // What is known is read from the log, also by a relay that starts in the middle of it.
    await rig.restart()
    await using late = await rig.phone()
    expect(late.session(id)?.title).toBe('watched')
    expect(sideBySide(session, await openedRows(late, id)).shown).toEqual(before)
    // It goes on knocking, now and then.
    const knocks = front.knocks
    await rig.pass(10 * MINUTE)
    expect(front.knocks - knocks).toBeLessThan(120)
    const still = await rig.health(late)
    expect(still).toMatchObject({ state: 'down', text: expect.stringMatching(words) })

    front.show(good)
    goTo(front.url)
    await rig.eventually(async () => (await rig.health(late)).state === 'ok', {
      withinMs: MINUTE,
      what: 'a source that is well again',
    })
    await rig.look(phone, id)
    await told(rig, phone, id, 'Said meanwhile.')
    await rig.listed(phone, other.id, { withinMs: MINUTE })
    expect(await rig.send(phone, { type: 'prompt', sessionId: id, text: 'now' })).toMatchObject({
      state: 'done',
    })
    expect(worker.heard).toEqual(['now'])
    await rig.pass(SECOND)
    const { stored, shown } = sideBySide(session, phone.rows(id))
    expect(shown).toEqual(stored)
  },
)
