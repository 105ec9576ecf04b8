import type { ResponseOf, SourceId } from '@bellhop/core'
import type { AppState } from './app-state.ts'

export type SourceState = ResponseOf<'relay'>['sources'][number]

/** How every source is: what the relay said when asked, and what was heard since. */
export function sourceStates(app: AppState): SourceState[] {
  return (app.relay()?.sources ?? []).map((source) => {
    const signal = app.sessions.health(source.sourceId)
    if (!signal) return source
    const { state, text, since } = signal
    const { since: before, ...rest } = source
    // A signal of the same state leaves the time out where it has not changed.
    const at = since ?? (state === source.state ? before : undefined)
    return { ...rest, state, text, ...(at !== undefined && { since: at }) }
  })
}

/** A source that cannot be reached just now, or undefined while it can. */
export const downSource = (app: AppState, sourceId: SourceId): SourceState | undefined =>
  sourceStates(app).find((one) => one.sourceId === sourceId && one.state === 'down')
