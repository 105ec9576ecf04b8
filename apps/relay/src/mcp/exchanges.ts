import { RelayError } from '@bellhop/core'

/** Answers one agent may have open at once. [I6] */
const OPEN_MAX = 256
/** Who takes nothing of what there is for so long is let go, and what waits for it with it. [I6] */
const UNREAD_MS = 60_000
/** Who takes it more slowly than there is more is let go when so many pieces wait. [I6] */
const UNREAD_MAX = 1_000

/** The answers of one agent that are still being given. */
export type Exchanges = {
  readonly count: number
  /** Gives an answer and counts it until it is given. Refuses with `rate_limited` one too many. */
  give(kind: ExchangeKind, answer: () => Promise<Answer>): Promise<Response>
  /** Resolves when every call is answered, or after so long. */
  callsAnswered(patienceMs: number): Promise<void>
  /** Ends what is open, given or not. */
  cut(): void
}

/** A call is answered and over; a stream goes on until somebody ends it. */
export type ExchangeKind = 'call' | 'stream'

/** What is answered, and who is told when nothing more of it will come, and whether all of it was given. */
export type Answer = { response: Response; onOver?: (isGiven: boolean) => void }

type Open = { kind: ExchangeKind; over: Promise<void>; cut(): void }

/** The same answer, told to the caller as it is taken; `over` runs once, whoever ends it. */
const counted = (
  response: Response,
  over: (isGiven: boolean) => void,
  onCut: (cut: () => void) => void,
) => {
  const { body } = response
  if (!body) {
    over(true)
    return response
  }
  const reader = body.getReader()
  let unread: NodeJS.Timeout | undefined
  let close = () => {}
  /** What nobody has taken yet, and how it ended once nothing more comes. */
  const pieces: Uint8Array[] = []
  let rest: { error?: unknown } | undefined
  let wake = () => {}
  const end = (isGiven: boolean) => {
    clearTimeout(unread)
    over(isGiven)
  }
  const letGo = () => {
    end(false)
    pieces.length = 0
    close()
    void reader.cancel().catch(() => {})
  }
  // Read ahead of whoever takes it, so that how much waits is known.
  const readOn = async () => {
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        pieces.push(value)
        wake()
        if (pieces.length > UNREAD_MAX) return letGo()
      }
      rest = {}
    } catch (error) {
      rest = { error }
    }
    wake()
  }
  const given = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        close = () => {
          try {
            controller.close()
          } catch {
            // It was closed already.
          }
        }
        onCut(letGo)
        void readOn()
      },
      pull: async (controller) => {
        clearTimeout(unread)
        while (pieces.length === 0 && rest === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        const piece = pieces.shift()
        if (piece) {
          controller.enqueue(piece)
          unread = setTimeout(letGo, UNREAD_MS).unref()
          return
        }
        const isWhole = rest !== undefined && !('error' in rest)
        end(isWhole)
        if (isWhole) controller.close()
        else controller.error(rest?.error)
      },
      cancel: async (reason) => {
        end(false)
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(given, { status: response.status, headers: response.headers })
}

export const createExchanges = (): Exchanges => {
  const open = new Set<Open>()
  return {
    get count() {
      return open.size
    },
    give: async (kind, answer) => {
      if (open.size >= OPEN_MAX) throw new RelayError('rate_limited')
      const finished = Promise.withResolvers<void>()
      const one: Open = { kind, over: finished.promise, cut: () => {} }
      open.add(one)
      let onOver: Answer['onOver']
      const over = (isGiven: boolean) => {
        if (!open.delete(one)) return
        finished.resolve()
        onOver?.(isGiven)
      }
      try {
        const given = await answer()
        onOver = given.onOver
        return counted(given.response, over, (cut) => {
          one.cut = cut
        })
      } catch (error) {
        over(false)
        throw error
      }
    },
    callsAnswered: async (patienceMs) => {
      const calls = [...open].filter(({ kind }) => kind === 'call')
      const patience = Promise.withResolvers<void>()
      const timer = setTimeout(patience.resolve, patienceMs)
      await Promise.race([Promise.all(calls.map(({ over }) => over)), patience.promise])
      clearTimeout(timer)
    },
    cut: () => {
      for (const one of [...open]) one.cut()
    },
  }
}
