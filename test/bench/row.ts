/** One line of a benchmark's table. */
export type Row = {
  what: string
  value: number
  unit: string
  /** What it is meant to keep to, where that is written down. */
  goal?: { atMost: number } | { atLeast: number }
}

export const row = (what: string, value: number, unit: string, goal?: Row['goal']): Row => ({
  what,
  value: value >= 100 ? Math.round(value) : Math.round(value * 100) / 100,
  unit,
  ...(goal && { goal }),
})

export const meetsGoal = ({ value, goal }: Row): boolean =>
  goal === undefined || ('atMost' in goal ? value <= goal.atMost : value >= goal.atLeast)

/** The value that this share of the values is at or below. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)
