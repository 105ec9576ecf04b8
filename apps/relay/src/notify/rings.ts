import type { Attention, Cursor, DeviceId } from '@bellhop/core'

/** An attention on its way to phones. Plain data: it outlives a restart. */
export type Ring = {
  attention: Attention
  /** The place of the event it came of; a device that has shown this place need not ring. */
  cursor: Cursor
  /** When it was noticed. */
  sinceMs: number
  round: 'first' | 'reminder'
  dueAtMs: number
  /** After this nobody wants to hear of it any more. */
  deadlineMs: number
  /** The devices this round still has to reach; null until the round has begun. */
  left: DeviceId[] | null
}

/** What the notifier has to remember to go on after a crash as if there had been none. [PU-8] */
export type NotifierState = { version: 1; cursor: Cursor; rings: readonly Ring[] }

/** Rings under way; beyond it the oldest end of a turn goes first, then the oldest ask. [I6] */
export const RINGS_MAX = 200

export const isAsk = (attention: Attention): boolean => 'permissionId' in attention

/** The rings under way, by tag: a newer attention with the same tag takes the place of the older. */
export const createRings = () => {
  const byTag = new Map<string, Ring>()

  const tooMany = (): Ring | undefined => {
    if (byTag.size <= RINGS_MAX) return undefined
    const all = [...byTag.values()]
    return all.find((ring) => !isAsk(ring.attention)) ?? all[0]
  }

  return {
    /** Answers the ring that had to give way, if one had to. */
    put: (ring: Ring): Ring | undefined => {
      // Set anew, so that the map’s order is the order in which they came.
      byTag.delete(ring.attention.tag)
      byTag.set(ring.attention.tag, ring)
      const gone = tooMany()
      if (gone) byTag.delete(gone.attention.tag)
      return gone
    },
    get: (tag: string) => byTag.get(tag),
    delete: (tag: string) => byTag.delete(tag),
    all: (): readonly Ring[] => [...byTag.values()],
    /** The rings whose round has not begun. */
    pending: (): readonly Ring[] => [...byTag.values()].filter((ring) => ring.left === null),
  }
}

/** Reads what was saved; undefined when there is nothing this version can go on from. */
export const readNotifierState = (text: string | undefined): NotifierState | undefined => {
  if (text === undefined) return undefined
  try {
    const state = JSON.parse(text) as Partial<NotifierState>
    const whole =
      state.version === 1 && typeof state.cursor === 'string' && Array.isArray(state.rings)
    return whole ? (state as NotifierState) : undefined
  } catch {
    return undefined
  }
}
