/** The wire protocol this build speaks. It rises only when an old reader could be misled. [VE-1] */
export const PROTOCOL_VERSION = 1

/** The version of Bellhop itself, shown to people; the wire never branches on it. */
export const BELLHOP_VERSION = '0.1.0'
