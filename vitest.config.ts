import { defineConfig } from 'vitest/config'

const seconds = (count: number) => count * 1000

/**
 * Where whole programs run, a busy machine may be slower than a test waits. In CI such a test gets a
 * second try, and the summary names it: it is a defect of the test or of the product all the same.
 */
const secondTries = process.env.CI ? 1 : 0

/** One suite. `order` keeps suites that need the machine to themselves from running beside others. */
const suite = (
  name: string,
  include: string[],
  limits: { order?: number; alone?: boolean; timeoutS?: number } = {},
) => {
  const { order = 0, alone = false, timeoutS = 10 } = limits
  return {
    test: {
      name,
      include,
      testTimeout: seconds(timeoutS),
      hookTimeout: seconds(Math.max(timeoutS, 30)),
      retry: order > 0 ? secondTries : 0,
      maxWorkers: alone ? 1 : 2,
      sequence: { groupOrder: order },
    },
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      suite('unit', ['packages/*/src/**/*.test.ts', 'apps/relay/src/**/*.test.ts']),
      suite('pwa', ['apps/pwa/src/**/*.test.{ts,tsx}']),
      suite('architecture', ['test/architecture/**/*.test.ts']),
      suite('protocol', ['test/protocol/**/*.test.ts']),
      suite('contract', ['test/contracts/**/*.test.ts']),
      suite('integration', ['test/integration/**/*.test.ts'], { order: 1, timeoutS: 20 }),
      suite('session-api', ['test/session-api/**/*.test.ts'], { order: 1, timeoutS: 20 }),
      suite('build', ['test/build/**/*.test.ts'], { order: 2, alone: true, timeoutS: 120 }),
      suite('browser', ['test/browser/**/*.test.ts'], { order: 3, alone: true, timeoutS: 60 }),
      suite('claude', ['test/{claude,story}/**/*.test.ts'], {
        order: 4,
        alone: true,
        timeoutS: 180,
      }),
      // Reads what all the others let out.
      suite('leaks', ['test/leaks/**/*.test.ts'], { order: 5, alone: true }),
    ],
  },
})
