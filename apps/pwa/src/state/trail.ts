import type { StoryStep } from './command-stories.ts'
import type { OutgoingStep } from './outbox-rules.ts'

/** One place words have been on their way, as people call it. */
export type TrailStep = { readonly words: string; readonly atMs: number }

/** In the order words come by them; phone and relay may have different clocks, so times do not decide it. */
const PLACES = [
  ['kept', 'Written'],
  ['relay', 'With the relay'],
  ['stored', 'Stored for the session'],
  ['unconfirmed', 'Not confirmed'],
  ['taken', 'Taken by the session'],
  ['processing', 'Being worked on'],
  ['processed', 'Done with'],
  ['refused', 'Not taken'],
] as const

const SAME: Readonly<Record<string, string>> = { received: 'taken', done: 'taken' }

/** Where words have been: what this phone saw of it, and what the session's events tell, which count more. Pure. */
export function trailOf(
  seen: readonly OutgoingStep[],
  story: readonly StoryStep[],
): readonly TrailStep[] {
  const times = new Map<string, number>(seen.map(({ stage, atMs }) => [stage, atMs]))
  for (const { stage, at } of story.toReversed()) times.set(SAME[stage] ?? stage, Date.parse(at))
  return PLACES.flatMap(([stage, words]) => {
    const atMs = times.get(stage)
    return atMs === undefined ? [] : [{ words, atMs }]
  })
}
