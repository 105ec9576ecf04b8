import type { Fields } from '../cloud-api.ts'

/** The uuid a payload is known by; ours always have one, or a repeat would be stored twice. */
export const payloadUuid = ({ uuid, type }: Fields): string => {
  if (typeof uuid !== 'string' || uuid === '' || typeof type !== 'string')
    throw new TypeError('A payload needs a type and a uuid of its own')
  return uuid
}
