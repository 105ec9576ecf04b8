import { expect, test } from 'vitest'
import { runSoak } from './soak-run.ts'

/** `BELLHOP_SOAK_SEED=7` plays one course of events again; a list of them plays each. */
const seeds = (process.env.BELLHOP_SOAK_SEED ?? '3,14,159').split(',').map(Number)

for (const seed of seeds)
  test(`[I5] [I11] two hours of faults leave nothing missing, twice or untrue (seed ${seed})`, {
    timeout: 120_000,
  }, async () => {
    const { lies, played, struck } = await runSoak(seed)
    expect(lies, `BELLHOP_SOAK_SEED=${seed} plays this again`).toEqual([])
    // A quiet afternoon would prove little.
    expect(Object.keys(struck).length).toBeGreaterThanOrEqual(10)
    const least = { events: 800, rows: 400, answered: 30, atDesk: 10, done: 80, refused: 20 }
    for (const [what, atLeast] of Object.entries(least))
      expect(played[what as keyof typeof played], what).toBeGreaterThanOrEqual(atLeast)
  })
