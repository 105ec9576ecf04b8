import * as v from 'valibot'

const id = <const Brand extends string>(brand: Brand, pattern: RegExp) =>
  v.pipe(v.string(), v.regex(pattern, `not a ${brand}`), v.brand(brand))

/** A session's name for life: `ses_` and what its source calls it, so that re-reading finds it again. */
export const sessionIdSchema = id('SessionId', /^ses_[A-Za-z0-9_-]{1,120}$/)
export type SessionId = v.InferOutput<typeof sessionIdSchema>

export const eventIdSchema = id('EventId', /^evt_[A-Za-z0-9_-]{1,80}$/)
export type EventId = v.InferOutput<typeof eventIdSchema>

/** Made by whoever asks, before the first try: the key that makes a retry harmless. [CM-1] */
export const commandIdSchema = id('CommandId', /^cmd_[A-Za-z0-9_-]{8,80}$/)
export type CommandId = v.InferOutput<typeof commandIdSchema>

export const permissionIdSchema = id('PermissionId', /^per_[A-Za-z0-9_-]{1,120}$/)
export type PermissionId = v.InferOutput<typeof permissionIdSchema>

export const deviceIdSchema = id('DeviceId', /^dev_[A-Za-z0-9_-]{8,80}$/)
export type DeviceId = v.InferOutput<typeof deviceIdSchema>

export const pairingIdSchema = id('PairingId', /^pai_[A-Za-z0-9_-]{8,80}$/)
export type PairingId = v.InferOutput<typeof pairingIdSchema>

/** A place sessions can be started in, as its source calls it. */
export const placeIdSchema = id('PlaceId', /^plc_[A-Za-z0-9_.-]{1,160}$/)
export type PlaceId = v.InferOutput<typeof placeIdSchema>

/** A source's short name, chosen in its manifest. */
export const sourceIdSchema = id('SourceId', /^[a-z][a-z0-9-]{0,39}$/)
export type SourceId = v.InferOutput<typeof sourceIdSchema>

/**
 * An opaque place in one log: `<logId>.<position>`. Only the relay that wrote it may look inside;
 * a reader stores it and hands it back. `logId` changes with the database, so an old cursor can
 * never match a new log by luck. [ST-1]
 */
export const cursorSchema = id('Cursor', /^[A-Za-z0-9_-]{4,40}\.[0-9]{1,16}$/)
export type Cursor = v.InferOutput<typeof cursorSchema>

/** A moment on the wire: ISO 8601 in UTC. Field names end in `At`. */
export const isoTimeSchema = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, 'not an ISO time in UTC'),
)

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A fresh random suffix of 132 bits for an id, from the platform's own generator. */
export const randomSuffix = (random: (bytes: Uint8Array) => Uint8Array = fillRandom): string => {
  let text = ''
  for (const byte of random(new Uint8Array(22))) text += ALPHABET[byte & 63]
  return text
}

const fillRandom = (bytes: Uint8Array) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)

export const newCommandId = (): CommandId => `cmd_${randomSuffix()}` as CommandId
export const newEventId = (): EventId => `evt_${randomSuffix()}` as EventId
export const newDeviceId = (): DeviceId => `dev_${randomSuffix()}` as DeviceId
export const newPairingId = (): PairingId => `pai_${randomSuffix()}` as PairingId
