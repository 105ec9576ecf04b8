import type { SessionEvent } from '@bellhop/core'
import { pause } from '@bellhop/core/client'
import type { Follower } from './follower.ts'
import { SESSIONS_URI, sessionUri } from './session-uris.ts'

/** A resource is told of at most so often, and at last once more after its newest change. [MC-11] */
const GAP_MS = 500
/** How long whoever wants to be told waits for the line to the relay. */
const OPENING_MS = 2_000

/** Tells which of the resources have changed. */
export type ResourceUpdates = Disposable & {
  /** Resolves when every change from now on will be told, or the relay is not there to tell. */
  watch(tell: (uri: string) => void): Promise<Disposable>
}

/** One listening for all who want to be told of resources, open only while somebody does. */
export const createResourceUpdates = (follower: Follower, gapMs = GAP_MS): ResourceUpdates => {
  const watchers = new Set<(uri: string) => void>()
  /** What was told of just now, and whether it has changed since. One per session that is busy. [I6] */
  const lately = new Map<string, { hasMore: boolean; timer: NodeJS.Timeout }>()
  let line: { control: AbortController; opened: Promise<void> } | undefined

  const tell = (uri: string) => {
    const timer = setTimeout(() => {
      const more = lately.get(uri)?.hasMore
      lately.delete(uri)
      if (more) tell(uri)
    }, gapMs).unref()
    lately.set(uri, { hasMore: false, timer })
    for (const watcher of [...watchers]) watcher(uri)
  }

  const changed = (uri: string) => {
    const told = lately.get(uri)
    if (told) told.hasMore = true
    else tell(uri)
  }

  const close = () => {
    line?.control.abort()
    line = undefined
    for (const { timer } of lately.values()) clearTimeout(timer)
    lately.clear()
  }

  const open = () => {
    const control = new AbortController()
    const { signal } = control
    const listener = {
      onEvent: ({ sessionId }: SessionEvent) => {
        changed(sessionUri(sessionId))
        changed(SESSIONS_URI)
      },
      // Who reads the list again finds out what else is another.
      onReset: () => changed(SESSIONS_URI),
      onRefused: () => {
        if (line?.control === control) close()
      },
    }
    const opened = follower
      .listen(listener, signal)
      .then((listening) => {
        if (signal.aborted) listening[Symbol.dispose]()
        else signal.addEventListener('abort', () => listening[Symbol.dispose]())
      })
      .catch(() => listener.onRefused())
    return { control, opened }
  }

  return {
    watch: async (tell) => {
      watchers.add(tell)
      line ??= open()
      const waiting = new AbortController()
      await Promise.race([line.opened, pause(OPENING_MS, waiting.signal)])
      waiting.abort()
      return {
        [Symbol.dispose]: () => {
          watchers.delete(tell)
          if (watchers.size === 0) close()
        },
      }
    },
    [Symbol.dispose]: close,
  }
}
