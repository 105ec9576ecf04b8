import { createHash } from 'node:crypto'

/**
 * The uuid something is posted under: the same for the same key and use, in every run of the relay,
 * so that what is tried again is stored once.
 */
export const uuidFor = (key: string, use: string): string => {
  const bytes = createHash('sha256').update(`${use}\n${key}`).digest().subarray(0, 16)
  // The marks of a version 4 uuid, as every client’s are.
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  const cuts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return [...cuts, hex.slice(20)].join('-')
}
