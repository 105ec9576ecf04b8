import { faultAnswers } from './error-answers.ts'
import type { Fault, FaultPicker } from './faults.ts'

/** Numbers between 0 and 1 that are the same for the same seed. */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What goes wrong and heals by itself; nothing here says that the login or a session is over. */
const requestFaults = (random: () => number): Fault[] => [
  faultAnswers.expired401,
  faultAnswers.edge403,
  faultAnswers.rateLimited429(1 + Math.floor(random() * 5)),
  faultAnswers.serverError(random() < 0.5 ? 500 : 503),
  { kind: 'refuse' },
  { kind: 'slow', ms: 500 + Math.floor(random() * 8_000) },
  { kind: 'lost_answer' },
  { kind: 'broken_answer' },
]

const streamFaults = (random: () => number): Fault[] => [
  { kind: 'cut', afterFrames: Math.floor(random() * 12), midFrame: random() < 0.5 },
  { kind: 'silent' },
  { kind: 'gap', events: 1 + Math.floor(random() * 5) },
  { kind: 'reorder' },
  { kind: 'duplicate' },
  { kind: 'strange' },
  { kind: 'broken_json' },
  { kind: 'number_sequence' },
  { kind: 'no_ephemerals' },
]

/**
 * Strikes that share of requests and streams with one fault each, the same ones for the same seed
 * and order of requests. For `faults.pickWith`.
 */
export const randomFaults = (seed: number, rate: number): FaultPicker => {
  const random = seededRandom(seed)
  return (place) => {
    if (random() >= rate) return undefined
    const kinds = place === 'request' ? requestFaults(random) : streamFaults(random)
    return kinds[Math.floor(random() * kinds.length)]
  }
}
