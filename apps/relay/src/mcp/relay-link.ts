import type { Cursor, EndpointName, RequestOf, ResponseOf, SessionEvent } from '@bellhop/core'

/** How the log is followed. */
export type Following = {
  /** The last place told before; from now on if absent. */
  after?: Cursor | undefined
  signal: AbortSignal
  onEvent(event: SessionEvent): void
  /** All up to here is told, and what comes will be. */
  onLive(cursor: Cursor): void
  /** The log is another one than that of the last place told. */
  onReset(): void
}

/** What the tools know of the relay: the same whether they run beside it or inside it. */
export type RelayLink = {
  /** Calls an endpoint as the agent, with every check a call from outside meets. [MC-3] */
  call<Name extends EndpointName>(
    name: Name,
    request: RequestOf<Name>,
    signal?: AbortSignal,
  ): Promise<ResponseOf<Name>>
  /**
   * Tells events, each once and in order, until it is aborted or the line is lost. Resolves with a
   * code when the relay will not serve this agent any more. [MC-4]
   */
  follow(following: Following): Promise<{ refused?: string }>
}
