import { randomUUID } from 'node:crypto'
import { startCloudRelay } from '../support/cloud-relay.ts'
import { until } from '../support/until.ts'
import { createVirtualTime } from '../support/virtual-time.ts'

const SESSIONS = 30
const ACTIVE = 2
const MINUTES = 60
/** How often other tools ask for each session. */
const POLL_EVERY_MS = 1_500
/** Lines do not last for ever: those of events are cut this often, and the list’s after so many frames. */
const CUT_EVERY_MINUTES = 5
const WATCH_FRAMES = 100

export type CloudHour = {
  requests: number
  /** What asking for every session every 1.5 s comes to. */
  polledRequests: number
  /** From an event’s storing upstream to the phone that follows, by the wall’s clock; upstream’s stands still. */
  latenciesMs: number[]
  /** Requests by what they were for. */
  kinds: Readonly<Record<string, number>>
}

const kindOf = ({ method, path }: { method: string; path: string }): string =>
  `${method} ${path.split('?')[0]?.replace(/(cse|session)_[^/]+/, '…')}`

/**
 * One hour of an account with thirty sessions, two of them at work and one of those open on a phone:
 * what it asks of the other side, and how soon the phone knows. Lines are cut now and then.
 */
export const playCloudHour = async (): Promise<CloudHour> => {
  const time = createVirtualTime()
  await using rig = await startCloudRelay({ time })
  const seats = Array.from({ length: SESSIONS }, (_, at) => rig.seat({ title: `session ${at}` }))
  await using phone = await rig.phone()
  for (const { id } of seats) await rig.listed(phone, id)
  const active = seats.slice(0, ACTIVE)
  const resting = seats.slice(ACTIVE)
  const latenciesMs: number[] = []
  rig.api.faults.add({ kind: 'cut', afterFrames: WATCH_FRAMES }, { path: /\/watch/ })
  await rig.restart()
  await rig.pass(10_000)
  const before = rig.api.requests.length
  if (active[0]) await rig.look(phone, active[0].id)

  for (let minute = 0; minute < MINUTES; minute += 1) {
    for (const { session, worker } of active) {
      worker.push(
        { blocks: [{ type: 'tool_use', name: 'Read', input: { file_path: '/srv/a.ts' } }] },
        { delayMs: 5_000, text: `Minute ${minute} is done.` },
      )
      session.receive(
        { type: 'user', uuid: randomUUID(), message: { role: 'user', content: 'Go on.' } },
        { family: 'code', platform: 'web_claude_ai' },
      )
    }
    // Those that rest change a line in the list now and then.
    resting[minute % resting.length]?.session.setMetadata({ task_summary: `At ${minute}` })
    if (minute % CUT_EVERY_MINUTES === 0) for (const { session } of seats) session.cutStreams()
    await rig.pass(30_000)
    for (const { session, id } of active) {
      const words = `Said at ${minute}.`
      const storedMs = performance.now()
      session.emit({
        type: 'assistant',
        uuid: randomUUID(),
        message: {
          id: `msg_${randomUUID()}`,
          role: 'assistant',
          content: [{ type: 'text', text: words }],
        },
        parent_tool_use_id: null,
      })
      await until(
        () =>
          phone.events.some(
            (event) =>
              event.type === 'message.agent' && event.sessionId === id && event.text === words,
          ),
        { everyMs: 1, what: 'the phone to know it while upstream’s clock stands still' },
      )
      latenciesMs.push(performance.now() - storedMs)
    }
    await rig.pass(30_000)
  }

  const asked = rig.api.requests.slice(before)
  const kinds: Record<string, number> = {}
  for (const request of asked) kinds[kindOf(request)] = (kinds[kindOf(request)] ?? 0) + 1
  return {
    requests: asked.length,
    polledRequests: (SESSIONS * MINUTES * 60_000) / POLL_EVERY_MS,
    latenciesMs,
    kinds,
  }
}
