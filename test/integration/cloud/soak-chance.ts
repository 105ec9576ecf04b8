import { seededRandom } from '../../session-api/random-faults.ts'

/** Everything a soak leaves to chance, the same for the same seed. */
export interface Chance {
  /** Whether something of that likelihood happens. */
  happens(share: number): boolean
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number
  /** One of these; undefined of none. */
  one<Item>(items: readonly Item[]): Item | undefined
  /** One of these names, each as likely as its weight says. */
  weighed<Name extends string>(weights: Readonly<Record<Name, number>>): Name
  readonly random: () => number
  /** Another one, which does not disturb this one’s order. */
  fork(): Chance
}

export const createChance = (seed: number): Chance => {
  const random = seededRandom(seed)
  return {
    random,
    fork: () => createChance(Math.floor(random() * 2 ** 32)),
    happens: (share) => random() < share,
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
    one: (items) => items[Math.floor(random() * items.length)],
    weighed: (weights) => {
      const entries = Object.entries<number>(weights) as [keyof typeof weights, number][]
      let at = random() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [name, weight] of entries) {
        at -= weight
        if (at < 0) return name
      }
      throw new Error('nothing to choose from')
    },
  }
}
