import {
  type EndpointName,
  RelayError,
  type RequestOf,
  type ResponseOf,
  type StreamFrame,
  type StreamRequest,
} from '@bellhop/core'
import type { RelayLink } from './relay-link.ts'

/** The relay’s own endpoints as one agent may use them, checks and all, without a line between. */
export type InProcessCalls = {
  call<Name extends EndpointName>(
    name: Name,
    request: RequestOf<Name>,
    signal?: AbortSignal,
  ): Promise<ResponseOf<Name>>
  open(request: StreamRequest, signal: AbortSignal): AsyncIterable<StreamFrame>
}

/** The relay as it is reached from inside it. [MC-10] */
export const createInProcessLink = (calls: InProcessCalls): RelayLink => ({
  call: calls.call,
  follow: async ({ after, signal, onEvent, onLive, onReset }) => {
    const request = after === undefined ? {} : { after }
    try {
      for await (const frame of calls.open(request, signal)) {
        if (frame.frame === 'hello' && frame.verdict === 'reset') onReset()
        if (frame.frame === 'event') onEvent(frame.event)
        if (frame.frame === 'caught_up') onLive(frame.cursor)
        if (frame.frame === 'bye' && frame.code !== 'renew') return { refused: frame.code }
      }
      return {}
    } catch (error) {
      if (error instanceof RelayError) return { refused: error.code }
      throw error
    }
  },
})
