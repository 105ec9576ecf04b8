/** The oldest token a watch still takes; older ones get a stream that stays silent forever. */
const oldestTokenMs = 240_000

/** The token of a list answered at that moment, and of each `sync` frame. */
export const listTokenAt = (ms: number): string =>
  Buffer.from(JSON.stringify({ at: ms })).toString('base64')

/** Whether a watch with this token tells anything; undefined when it is no token. */
export const isTokenFresh = (token: string, nowMs: number): boolean | undefined => {
  try {
    const { at } = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as { at?: unknown }
    return typeof at === 'number' ? nowMs - at < oldestTokenMs : undefined
  } catch {
    return undefined
  }
}
