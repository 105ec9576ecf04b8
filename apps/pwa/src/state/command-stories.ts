import type { EventOf, SessionEvent } from '@bellhop/core'

/** One thing that is known of a command’s way, and since when. */
export type StoryStep = {
  readonly stage: EventOf<'command.progressed'>['stage'] | 'done' | 'refused' | 'unconfirmed'
  readonly at: string
  readonly text?: string
}

/** What a session’s events tell of the commands it was given, by the command, in the order it came. */
export type CommandStories = ReadonlyMap<string, readonly StoryStep[]>

export const NO_STORIES: CommandStories = new Map()

const stepOf = (event: SessionEvent): StoryStep | undefined => {
  if (event.type === 'command.progressed') return { stage: event.stage, at: event.at }
  if (event.type !== 'command.settled') return undefined
  const { outcome: stage, at, text } = event
  return { stage, at, ...(text !== undefined && { text }) }
}

/** Folds events in. Pure; the same stories when the events tell nothing of a command. */
export function tellStories(
  stories: CommandStories,
  events: readonly SessionEvent[],
): CommandStories {
  let next: Map<string, readonly StoryStep[]> | undefined
  for (const event of events) {
    const step = stepOf(event)
    if (!step || !('commandId' in event)) continue
    next ??= new Map(stories)
    next.set(event.commandId, [...(next.get(event.commandId) ?? []), step])
  }
  return next ?? stories
}

/** How far words got that stand in the transcript: `stored` where they wait for their machine. */
export type WordsStage = 'stored' | 'unconfirmed' | 'taken' | 'processing' | 'processed'

/**
 * Where the story of words that stand in the transcript since `echoedAt` has come to. Standing there is itself a sign
 * that they were taken, unless the story says that they were only stored. Pure.
 */
export function wordsStage(steps: readonly StoryStep[], echoedAt: string): WordsStage {
  const has = (stage: StoryStep['stage']) => steps.some((step) => step.stage === stage)
  if (has('processed')) return 'processed'
  if (has('processing')) return 'processing'
  if (has('received') || has('done')) return 'taken'
  const doubt = steps.find((step) => step.stage === 'unconfirmed')
  if (doubt) return doubt.at < echoedAt ? 'taken' : 'unconfirmed'
  return has('stored') ? 'stored' : 'taken'
}
