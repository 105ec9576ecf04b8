import type { EventDraft, SessionId } from '@bellhop/core'
import type { OpenSession, SourceSink } from '../../apps/relay/src/sessions/session-source.ts'
import { sessionIdOf } from '../../apps/relay/src/sources/claude-cloud/session-names.ts'

/** A sink that keeps what it is told, each key once. */
export const createMemorySink = (kept: Map<string, string> = new Map()) => {
  const drafts: EventDraft[] = []
  const keys = new Set<string>()
  const health: Parameters<SourceSink['health']>[0][] = []
  const signals: Parameters<SourceSink['signal']>[0][] = []
  let open: readonly OpenSession[] = []
  const sink: SourceSink = {
    append: async (given) => {
      for (const draft of given) {
        const key = `${draft.sessionId} ${draft.dedupeKey}`
        if (keys.has(key)) continue
        keys.add(key)
        drafts.push(draft)
      }
    },
    signal: (one) => void signals.push(one),
    health: (one) => void health.push(one),
    checkpoint: async (key) => kept.get(key),
    saveCheckpoint: async (key, value) => void kept.set(key, value),
    openSessions: async () => open,
    otherRuns: () => [],
    onOtherRuns: () => ({ [Symbol.dispose]: () => {} }),
  }
  return {
    sink,
    drafts,
    health,
    signals,
    kept,
    knowsOpen: (sessions: readonly OpenSession[]) => {
      open = sessions
    },
    texts: (suffix: string): string[] =>
      drafts.flatMap((draft) =>
        draft.type === 'message.agent' && draft.sessionId === sessionIdOf(suffix)
          ? [draft.text]
          : [],
      ),
    ofType: <Type extends EventDraft['type']>(type: Type, suffix: string) =>
      drafts.filter(
        (draft): draft is Extract<EventDraft, { type: Type }> =>
          draft.type === type && draft.sessionId === (sessionIdOf(suffix) as SessionId),
      ),
  }
}
