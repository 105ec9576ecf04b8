import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor, EventDraft, PermissionId, SessionId } from '@bellhop/core'
import { elsewhere, permissionCall } from './session-asks.ts'

// Held permissions from before a restart announce themselves again within this.
const reannounceMs = 6_000
const pollMs = 15

/** Permissions the log holds open from before a restart, until their holders have called in. */
export class StaleAsks {
  readonly #sessionId: SessionId
  readonly #isHeld: (permissionId: PermissionId) => boolean
  readonly #isBridged: () => boolean
  #ids = new Set<PermissionId>()
  #timer: NodeJS.Timeout | undefined

  constructor(
    sessionId: SessionId,
    isHeld: (permissionId: PermissionId) => boolean,
    isBridged: () => boolean,
  ) {
    this.#sessionId = sessionId
    this.#isHeld = isHeld
    this.#isBridged = isBridged
  }

  /** Calls `giveUp` when nobody can be expected any more. */
  expect(ids: readonly string[], giveUp: () => void): void {
    this.#ids = new Set(ids as PermissionId[])
    if (this.#ids.size > 0) this.#timer = setTimeout(giveUp, reannounceMs).unref()
  }

  /** Resolves when it is known whether somebody holds the permission. */
  async untilKnown(permissionId: PermissionId): Promise<void> {
    while (this.#ids.has(permissionId) && !this.#isHeld(permissionId)) await sleep(pollMs)
  }

  /** What a call that ended settles of them. */
  callEnded(toolUseId: string, isDenied: boolean): EventDraft[] {
    const about = [...this.#ids].filter((id) => permissionCall(id) === toolUseId)
    for (const id of about) this.#ids.delete(id)
    return about.map((id) => this.#resolved(id, isDenied ? 'denied' : 'allowed'))
  }

  /** Resolves what nobody holds, now that whoever does has said so. */
  withdraw(): EventDraft[] {
    clearTimeout(this.#timer)
    const gone = [...this.#ids].filter((id) => !this.#isHeld(id))
    this.#ids.clear()
    return gone.map((id) => this.#resolved(id, 'withdrawn'))
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#ids.clear()
  }

  #resolved(permissionId: PermissionId, outcome: 'withdrawn' | 'allowed' | 'denied'): EventDraft {
    const by: Actor = outcome === 'withdrawn' ? { kind: 'source' } : elsewhere(this.#isBridged())
    const about = { sessionId: this.#sessionId, at: new Date().toISOString() }
    const dedupeKey = `ask:${permissionId}:end`
    return { ...about, type: 'permission.resolved', permissionId, outcome, by, dedupeKey }
  }
}
