import type { EventDraft, PermissionOutcome, Subagent } from '@bellhop/core'
import { DialogCalls } from '../../../claude-format/dialog-calls.ts'
import { type Fields, fieldsOf, listOf, textOf } from '../../../claude-format/lines.ts'
import {
  type CalledTool,
  type EndedCall,
  toolStarted,
} from '../../../claude-format/message-blocks.ts'
import { envelopeOf, line, type Telling } from './telling.ts'

type Shown = { description?: string; agentType?: string; plan?: string; isSubagents?: true }
/** A call that was only ever asked about; `outcome` once that is settled. */
type Orphan = { outcome?: 'ok' | 'denied' | 'interrupted' }

const keptMax = 200
const dialogTools = ['AskUserQuestion', 'ExitPlanMode']

/** The calls that are under way: those a message showed, and those only a prompt told of. */
export class CallBook {
  readonly #shown: Map<string, Shown>
  readonly #orphans: Map<string, Orphan>
  readonly #dialogs: DialogCalls

  constructor(saved?: unknown) {
    const fields = fieldsOf(saved) ?? {}
    this.#shown = new Map(entriesOf<Shown>(fields.shown))
    this.#orphans = new Map(entriesOf<Orphan>(fields.orphans))
    this.#dialogs = new DialogCalls(fields.dialogs)
  }

  /** Whether a call that was shown has no result yet. */
  get isAnyOpen(): boolean {
    return this.#shown.size > 0
  }

  save(): unknown {
    const dialogs = this.#dialogs.save()
    return { shown: [...this.#shown], orphans: [...this.#orphans], dialogs }
  }

  /** The plan a call was made with, where it was shown. */
  planOf(toolUseId: string): string | undefined {
    return this.#shown.get(toolUseId)?.plan
  }

  started(calls: readonly CalledTool[], subagent: Subagent | undefined): void {
    for (const { toolUseId, name, input } of calls) {
      this.#orphans.delete(toolUseId)
      this.#shown.set(toolUseId, shownOf(name, input, subagent !== undefined))
      if (this.#shown.size > keptMax) this.#shown.delete([...this.#shown.keys()][0] ?? '')
    }
  }

  ended(calls: readonly EndedCall[]): void {
    for (const { toolUseId } of calls) {
      this.#shown.delete(toolUseId)
      this.#orphans.delete(toolUseId)
    }
  }

  /** The subagent a payload belongs to, described by the call that started it. */
  subagentOf(payload: Fields): Subagent | undefined {
    const parent = textOf(payload.parent_tool_use_id)
    if (!parent) return undefined
    const call = this.#shown.get(parent)
    const agentType = textOf(payload.subagent_type) ?? call?.agentType
    const description = textOf(payload.task_description) ?? call?.description
    return {
      agentId: line(textOf(payload.agent_id) ?? parent),
      ...(agentType && { agentType: line(agentType) }),
      ...(description && { description: line(description) }),
    }
  }

  /** A prompt is about this call: it stands in the transcript from then on. */
  asked(telling: Telling & { subagent?: Subagent }, call: CalledTool): void {
    const { toolUseId, name, input } = call
    this.#dialogs.show(toolUseId, name)
    if (dialogTools.includes(name) || this.#shown.has(toolUseId)) return
    this.#orphans.set(toolUseId, {})
    if (this.#orphans.size > keptMax) this.#orphans.delete([...this.#orphans.keys()][0] ?? '')
    telling.drafts.push(toolStarted(envelopeOf(telling), toolUseId, name, input))
  }

  /** What was asked about this call is settled. */
  decided(toolUseId: string, outcome: PermissionOutcome): void {
    const orphan = this.#orphans.get(toolUseId)
    if (!orphan) return
    if (outcome === 'withdrawn') orphan.outcome = 'interrupted'
    else orphan.outcome = outcome === 'denied' ? 'denied' : 'ok'
  }

  /** No result will follow for calls that no message ever showed: they are over with the work. */
  endOrphans(telling: Telling): void {
    for (const [toolUseId, { outcome }] of this.#orphans) {
      if (!outcome) continue
      this.#orphans.delete(toolUseId)
      telling.drafts.push(ended(telling, toolUseId, outcome))
    }
  }

  /** The agent was stopped: what it was doing has no result of its own any more. */
  breakOff(telling: Telling): void {
    for (const [toolUseId, { isSubagents }] of this.#shown) {
      if (isSubagents) continue
      this.#shown.delete(toolUseId)
      telling.drafts.push(...this.sift([ended(telling, toolUseId, 'interrupted')]))
    }
  }

  /** The drafts without what a prompt already shows. */
  sift(drafts: readonly EventDraft[]): EventDraft[] {
    return this.#dialogs.sift(drafts)
  }
}

const ended = (
  { sessionId, at }: Telling,
  toolUseId: string,
  outcome: NonNullable<Orphan['outcome']>,
): EventDraft => ({
  ...{ type: 'tool.ended', sessionId, at, toolCallId: line(toolUseId), outcome, result: {} },
  dedupeKey: `tool:${toolUseId}:end`,
})

const shownOf = (name: string, input: Fields, isSubagents: boolean): Shown => {
  const description = textOf(input.description)
  const agentType = textOf(input.subagent_type)
  const plan = name === 'ExitPlanMode' ? textOf(input.plan) : undefined
  return {
    ...(isSubagents && { isSubagents }),
    ...(description && { description: line(description) }),
    ...(agentType && { agentType: line(agentType) }),
    ...(plan && { plan }),
  }
}

const entriesOf = <Value>(saved: unknown): [string, Value][] =>
  listOf(saved).flatMap((entry) => {
    const [id, value] = listOf(entry)
    const fields = fieldsOf(value)
    return textOf(id) && fields ? [[id as string, fields as Value]] : []
  })
