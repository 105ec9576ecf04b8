// The only client of our own protocol: the app, the command line and the tests all use it.
export { backoffMs, pause } from './backoff.ts'
export { isRefusal, RelayGarbled, RelayRefused, RelayUnreachable } from './client-errors.ts'
export { type DeviceKey, deviceKeyFrom, generateKeyPair, signProof } from './dpop-signer.ts'
export {
  type EventStream,
  type EventStreamOptions,
  openEventStream,
  type StreamState,
} from './event-stream.ts'
export { type PairedDevice, pairDevice } from './pair-device.ts'
export {
  createRelayClient,
  type RelayClient,
  type RelayClientOptions,
  type RequestFor,
} from './relay-client.ts'
export {
  foldReply,
  type ReplyEnd,
  type ReplyState,
  replyWords,
  startReply,
  takenReply,
} from './reply-state.ts'
