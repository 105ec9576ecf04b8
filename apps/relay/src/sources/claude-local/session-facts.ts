import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { EventOf } from '@bellhop/core'
import { fieldsOf } from '../../claude-format/lines.ts'
import type { SessionFacts } from './transcript-facts.ts'

type WireFacts = Pick<
  EventOf<'session.changed'>,
  'title' | 'cwd' | 'project' | 'branch' | 'model' | 'permissionMode' | 'capabilities' | 'runKey'
>
export type Learned = SessionFacts & Pick<WireFacts, 'capabilities' | 'runKey'>

/** What is known of a session, so that only what changed is told. */
export class FactKeeper {
  #titleRank: number
  #facts: WireFacts

  constructor(saved?: unknown) {
    const fields = fieldsOf(saved)
    this.#titleRank = typeof fields?.titleRank === 'number' ? fields.titleRank : -1
    this.#facts = (fieldsOf(fields?.facts) ?? {}) as WireFacts
  }

  save(): unknown {
    return { titleRank: this.#titleRank, facts: this.#facts }
  }

  /** All that is known, as it is told. */
  get known(): WireFacts {
    return this.#facts
  }

  /** Takes in what was learned; answers what of it is new, or undefined when nothing is. */
  learn({ titleRank = 0, title, ...learned }: Learned): WireFacts | undefined {
    const facts: WireFacts = { ...learned }
    // The first words stand in for a title until there is one, and then do not change any more.
    const isBetter = titleRank > this.#titleRank || (titleRank > 0 && titleRank === this.#titleRank)
    if (title !== undefined && isBetter) {
      this.#titleRank = titleRank
      facts.title = title
    }
    // A run that was never named needs no taking back.
    if (learned.runKey === null && this.#facts.runKey === undefined) delete facts.runKey
    if (learned.cwd) facts.project = basename(learned.cwd)
    const changed = Object.entries(facts).filter(
      ([name, value]) => !isDeepStrictEqual(this.#facts[name as keyof WireFacts], value),
    )
    if (changed.length === 0) return undefined
    const news = Object.fromEntries(changed) as WireFacts
    this.#facts = { ...this.#facts, ...news }
    return news
  }
}
