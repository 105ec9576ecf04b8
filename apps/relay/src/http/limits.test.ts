import { expect, test } from 'vitest'
import { createLimits } from './limits.ts'

test('[HT-5] a few dozen strangers who ask for tokens all the time do not keep a paired device from its own', () => {
  const clock = { ms: 0, nowMs: () => clock.ms }
  const { token } = createLimits(clock)
  const isTaken = (caller: string) => {
    try {
      token?.take(caller)
      return true
    } catch {
      return false
    }
  }
  for (let second = 0; second < 300; second++) {
    clock.ms += 1000
    for (let stranger = 0; stranger < 40; stranger++) {
      for (let again = 0; again < 3; again++) isTaken(`192.0.2.${stranger}`)
    }
    if (second % 60 === 0) expect(isTaken('198.51.100.1')).toBe(true)
  }
  expect(Array.from({ length: 100 }, () => isTaken('192.0.2.1')).some((taken) => taken)).toBe(false)
})
