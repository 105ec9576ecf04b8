import type { EventDraft } from '@bellhop/core'
import type { CloudEvent } from '../cloud-api.ts'
import { createSessionReader, type SessionReaderParts } from './session-reader.ts'

/**
 * Events from before the first one that was told, in their order, as drafts to be shown and not
 * stored. What is asked there is shown only with what came of it; nothing of it is open. Pure.
 */
export function readPastEvents(
  parts: Omit<SessionReaderParts, 'saved'>,
  events: readonly CloudEvent[],
): EventDraft[] {
  const saved = JSON.stringify({ facts: { isStarted: true } })
  const reader = createSessionReader({ ...parts, saved })
  const drafts = events.flatMap((event) => reader.read(event).drafts)
  const ended = new Set(
    drafts.flatMap((draft) => (draft.type === 'permission.resolved' ? [draft.permissionId] : [])),
  )
  return drafts.filter((draft) => {
    if (draft.type === 'permission.requested') return ended.has(draft.permissionId)
    return !draft.type.startsWith('session.') && draft.type !== 'command.progressed'
  })
}
