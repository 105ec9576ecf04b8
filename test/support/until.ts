import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition, not for time: asks again until it answers something, or says what never came. */
export const until = async <T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  options: { timeoutMs?: number | undefined; everyMs?: number; what?: string } = {},
): Promise<T> => {
  const end = Date.now() + (options.timeoutMs ?? 5_000)
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== false) return value
    if (Date.now() > end)
      throw new Error(`Waited in vain for ${options.what ?? condition.toString()}`)
    await sleep(options.everyMs ?? 10)
  }
}
