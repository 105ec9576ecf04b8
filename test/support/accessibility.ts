import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const HEAVY = new Set<string | null | undefined>(['serious', 'critical'])

/** What on the screen keeps somebody from reading or working it, one line each; only what is serious or worse. */
export const accessibilityProblems = async (page: Page): Promise<string[]> => {
  // What is still on its way in is see-through, and would be measured as pale.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((one) => one.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((one) => one.finished),
    ),
  )
  await page.evaluate(axe.source)
  const found = (await page.evaluate(
    (tags) =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
        runOnly: { type: 'tag', values: tags },
        resultTypes: ['violations'],
      }),
    RULES,
  )) as AxeResults
  return found.violations
    .filter((one) => HEAVY.has(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}: ${node.html}`))
}
