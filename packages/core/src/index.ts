// What crosses the wire, and the pure rules both ends share. Read events/index.ts, commands/index.ts
// and endpoints.ts first.

export { agentWords, bareWords, readAgentWords } from './agent-words.ts'
export { type Agent, agentSchema, agentTokenHash, newAgentToken } from './agents.ts'
export { scopesToAnswer } from './answer-scopes.ts'
export {
  type Attention,
  attentionOf,
  attentionPath,
  openAttentions,
  pushFor,
  stillNeeded,
  testPush,
} from './attention.ts'
export { type AuditEntry, commandWords } from './audit.ts'
export { BOUNDS, cut, type Json, type JsonObject } from './bounds.ts'
export { CAPABILITIES, type Capability, canBeAsked } from './capabilities.ts'
export { check } from './check.ts'
export {
  type AnswerCommand,
  COMMANDS,
  type Command,
  type CommandOf,
  type CommandRule,
  type CommandType,
  commandSchema,
  isAnswer,
} from './commands/index.ts'
export { type Receipt, receiptSchema } from './commands/receipt.ts'
export {
  DPOP_HEADER,
  DPOP_NONCE_HEADER,
  PROOF_ALGORITHM,
  PROOF_TYPE,
  type ProofClaims,
  proofClaimsSchema,
  proofDigest,
  proofUrl,
  TOKEN_TYPE,
} from './dpop.ts'
export { fromBase64Url, hmacSha256, sha256, toBase64Url, utf8 } from './encoding.ts'
export type { Access, Endpoint } from './endpoint.ts'
export {
  ENDPOINTS,
  type EndpointName,
  type ParsedRequestOf,
  type RequestOf,
  type ResponseOf,
} from './endpoints.ts'
export {
  ERRORS,
  type ErrorBody,
  type ErrorCode,
  type ErrorDetails,
  errorBodySchema,
  isErrorCode,
  RelayError,
  toErrorBody,
} from './errors.ts'
export { COMMAND_STAGES, type CommandStage } from './events/command.ts'
export {
  EVENTS,
  type EventDraft,
  type EventOf,
  type EventType,
  type KnownEvent,
  parseDraft,
  parseEvent,
  type SessionEvent,
  type UnknownEvent,
  wireEvent,
} from './events/index.ts'
export {
  type CommandId,
  type Cursor,
  commandIdSchema,
  cursorSchema,
  type DeviceId,
  deviceIdSchema,
  type EventId,
  newCommandId,
  newDeviceId,
  newEventId,
  newPairingId,
  type PairingId,
  type PermissionId,
  type PlaceId,
  permissionIdSchema,
  randomSuffix,
  type SessionId,
  type SourceId,
  sessionIdSchema,
} from './ids.ts'
export { maskSecrets } from './mask-secrets.ts'
export {
  checkDigits,
  type Device,
  equalInConstantTime,
  newPairingToken,
  newTypedCode,
  PAIRING_LIFE_MS,
  PAIRING_WRONG_TRIES,
  type PairAnswer,
  type PairClaim,
  type PairingKey,
  type PairingOffer,
  type PairingSecret,
  type PairingState,
  pairingKey,
  pairingMac,
  pairingSecretId,
  pairingUrl,
  readPairingUrl,
  readTypedCode,
  relayKeyIdOf,
  relayMac,
} from './pairing.ts'
export {
  type Actor,
  type AgentAsk,
  type AnyAsk,
  type Ask,
  canonicalJson,
  PERMISSION_OUTCOMES,
  type PermissionOutcome,
  type PlanAsk,
  type Question,
  type QuestionAsk,
  type Suggestion,
  type ToolAsk,
} from './permission.ts'
export type { McpServer, Place, StartRequest } from './places.ts'
export { type PublicKey, publicKeySchema } from './public-key.ts'
export {
  fitPush,
  PUSH_LEVELS,
  PUSH_MAX_BYTES,
  type PushLevel,
  type PushMessage,
  type PushState,
  type PushSubscriptionRecord,
  parsePushMessage,
  pushBytes,
  pushSubscriptionSchema,
} from './push.ts'
export { firstLine, ownStatus, reduceSession, withoutHeld } from './reduce-session.ts'
export { outOfReachSince, roadFor, roadOf, roadsOf } from './roads.ts'
export {
  AGENT_SCOPES,
  ALL_SCOPES,
  PHONE_SCOPES,
  SCOPES,
  type Scope,
  scopesSchema,
} from './scopes.ts'
export {
  SEARCH_BOUNDS,
  SEARCH_KINDS,
  type SearchAnswer,
  type SearchHit,
  type SearchKind,
  type SearchRequest,
} from './search.ts'
export {
  type OpenPermission,
  type Road,
  type Session,
  type SessionStatus,
  sessionSchema,
} from './session.ts'
export type { Choices } from './session-settings.ts'
export { shownHash } from './shown-hash.ts'
export { parseSignal, type Signal, signalKey } from './signals.ts'
export {
  decodeFrame,
  encodeFrame,
  SILENCE_LIMIT_MS,
  type StreamFrame,
  type StreamRequest,
  TICK_INTERVAL_MS,
} from './stream.ts'
export { askLine, askWords, toolLine } from './tool-words.ts'
export type { FileDiff, Subagent, ToolDetail, ToolResult } from './tools.ts'
export {
  type Decision,
  emptyTranscript,
  reduceTranscript,
  rowOfEvent,
  type Transcript,
  type TranscriptRow,
} from './transcript.ts'
export { BELLHOP_VERSION, PROTOCOL_VERSION } from './version.ts'
