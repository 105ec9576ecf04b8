import type { OpenPermission } from '@bellhop/core'

/** Which ask is on the screen. `gone`: it was, or it was linked to, and is no longer open. */
export type PromptOnScreen =
  | { readonly is: 'none' }
  | { readonly is: 'open'; readonly wait: OpenPermission }
  | { readonly is: 'gone'; readonly permissionId: string; readonly wait?: OpenPermission }

export type PromptFacts = {
  waits: readonly OpenPermission[]
  /** The ask an address named. */
  wanted: string | undefined
  aside: ReadonlySet<string>
  /** Whether this phone's own answer to an ask was taken. */
  answered: (permissionId: string) => boolean
  /** Whether this phone's own answer is on its way, so that only its receipt says how the ask went. */
  underWay: (permissionId: string) => boolean
  /** Whether the waits can be believed: an ask that is missing is really gone. */
  certain: boolean
  /** Whether an ask may come on the screen by itself; one that could not be answered may not. */
  mayOpen: (wait: OpenPermission) => boolean
}

const NONE: PromptOnScreen = { is: 'none' }

/**
 * Pure. What is on the screen stays there: an open ask is not pushed aside by a newer one, and one that somebody else
 * answers turns into the news of that, so that no tap meant for it lands on another.
 */
export function pickPrompt(now: PromptOnScreen, facts: PromptFacts): PromptOnScreen {
  const find = (id: string) => facts.waits.find((wait) => wait.permissionId === id)
  const next = (): PromptOnScreen => {
    const { wanted } = facts
    if (wanted !== undefined && !facts.answered(wanted) && !facts.aside.has(wanted)) {
      const wait = find(wanted)
      if (wait) return { is: 'open', wait }
      return facts.certain ? { is: 'gone', permissionId: wanted } : NONE
    }
    const wait = facts.waits.find(
      (one) =>
        facts.mayOpen(one) &&
        !facts.aside.has(one.permissionId) &&
        !facts.answered(one.permissionId),
    )
    return wait ? { is: 'open', wait } : NONE
  }
  if (now.is === 'none') return next()
  const id = now.is === 'open' ? now.wait.permissionId : now.permissionId
  if (facts.aside.has(id)) return next()
  if (facts.wanted !== undefined && facts.wanted !== id) return next()
  if (now.is === 'gone') return now
  const wait = find(id)
  if (wait) return wait === now.wait ? now : { is: 'open', wait }
  // The end of an ask may be heard of before the receipt of the answer that ended it.
  if (facts.underWay(id)) return now
  return facts.answered(id) ? next() : { is: 'gone', permissionId: id, wait: now.wait }
}
