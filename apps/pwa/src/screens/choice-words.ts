import type { Choices } from '@bellhop/core'

type Choice = NonNullable<Choices['models']>[number]

const MODES: Readonly<Record<string, string>> = {
  default: 'Ask first',
  acceptEdits: 'Accept edits',
  plan: 'Plan only',
  auto: 'Auto mode decides',
  dontAsk: 'Deny what is not allowed',
  bypassPermissions: 'Ask nothing',
}

/** What a value is called: by the words it was offered with, else by what is known of it, else as it is. */
export const valueWords = (value: string, choices: readonly Choice[] | undefined): string =>
  choices?.find((one) => one.value === value)?.words ?? MODES[value] ?? value

/** What may be chosen of what is offered: asking for nothing any more is not switched on from afar. */
export const offered = (choices: readonly Choice[] | undefined): readonly Choice[] =>
  (choices ?? []).filter(({ value }) => !/bypass/i.test(value))
