import type { Page } from 'playwright-core'
import { nowMs } from './played-session.ts'

/**
 * How far the page's clock is ahead of ours. Both count from a moment each took from the system's
 * clock when it began; of many exchanges the quickest says most exactly what lies between.
 */
export const clockAheadMs = async (page: Page): Promise<number> => {
  let best = { tookMs: Infinity, aheadMs: 0 }
  for (let tries = 0; tries < 40; tries++) {
    const before = nowMs()
    const theirs = await page.evaluate(() => performance.timeOrigin + performance.now())
    const tookMs = nowMs() - before
    if (tookMs < best.tookMs) best = { tookMs, aheadMs: theirs - before - tookMs / 2 }
  }
  return best.aheadMs
}
