import type { SessionId, Subagent, ToolDetail } from '@bellhop/core'
import { type Clock, isoTime } from '../../clock.ts'
import type { SourceSink } from '../../sessions/session-source.ts'

/** Waits so many milliseconds of the scenario's time; rejects when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>

/** A piece of streamed text, and how long it takes: about 150 characters a second. */
const PIECE_CHARS = 14
const PIECE_MS = 90

/** Says what goes on, and text as it is being written. */
export const createVoice = (parts: {
  sink: Pick<SourceSink, 'signal'>
  sessionId: SessionId
  clock: Clock
  wait: Wait
}) => {
  const { sink, sessionId, clock, wait } = parts
  const activity = (text: string, subagent?: Subagent): void =>
    sink.signal({
      type: 'activity',
      sessionId,
      text,
      ...(text !== '' && { since: isoTime(clock.nowMs()) }),
      ...(subagent && { subagent }),
    })
  return {
    activity,
    /** Streams a text word by word, up to its last piece. */
    stream: async (
      text: string,
      subagent: Subagent | undefined,
      signal: AbortSignal,
    ): Promise<void> => {
      activity('Writing', subagent)
      for (const end of pieceEnds(text)) {
        const part = { sessionId, text: text.slice(0, end), ...(subagent && { subagent }) }
        sink.signal({ type: 'text.partial', ...part })
        await wait(PIECE_MS, signal)
      }
    },
  }
}

/** Where the pieces of a text end: between words, some characters apart. Pure. */
const pieceEnds = (text: string): number[] => {
  const ends: number[] = []
  for (const { index } of text.matchAll(/\s+/g)) {
    if (index - (ends.at(-1) ?? 0) >= PIECE_CHARS) ends.push(index)
  }
  return [...ends, text.length]
}

/** What goes on while a tool runs, in words; paths as they are from the session's folder. */
export const activityOf = (tool: ToolDetail, cwd = ''): string => {
  const short = (path: string) => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path)
  switch (tool.kind) {
    case 'shell':
      return `Running ${tool.command.split('\n', 1)[0]?.slice(0, 60)}`
    case 'edit':
      return `Editing ${short(tool.path)}`
    case 'write':
      return `Writing ${short(tool.path)}`
    case 'read':
      return `Reading ${short(tool.path)}`
    case 'search':
      return `Looking for ${tool.pattern.slice(0, 60)}`
    case 'fetch':
      return `Fetching ${tool.url.slice(0, 80)}`
    case 'web_search':
      return `Searching the web for ${tool.query.slice(0, 60)}`
    case 'subagent':
      return `A subagent works: ${tool.description.slice(0, 60)}`
    default:
      return `Using ${tool.name}`
  }
}
