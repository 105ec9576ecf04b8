/** The time, as a port, so that tests can hold it still. */
export interface Clock {
  nowMs(): number
}

export const systemClock: Clock = { nowMs: () => Date.now() }

/** A moment as it travels on the wire. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()
