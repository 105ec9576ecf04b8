import type {
  Actor,
  Ask,
  EventDraft,
  EventOf,
  EventType,
  PermissionId,
  SessionId,
  Subagent,
  ToolResult,
} from '@bellhop/core'
import type { Scenario, Step, ToolStep } from './scenario.ts'

type Own<Type extends EventType> = Omit<
  EventOf<Type>,
  'type' | 'sessionId' | 'at' | 'eventId' | 'cursor'
>

export const sessionIdOf = (name: string): SessionId => `ses_demo-${name}` as SessionId

/** What every session of the demo can be asked. */
const EVERYTHING = [
  'prompt',
  'interrupt',
  'decide_permission',
  'edit_input',
  'always_allow',
  'answer_question',
  'decide_plan',
]

/** Writes steps down as drafts. Ids follow from the name, the round and a count, and from nothing else. */
export type Script = ReturnType<typeof createScript>

export const createScript = (parts: { name: string; round: string; at: () => string }) => {
  const { name, round, at } = parts
  const sessionId = sessionIdOf(name)
  let count = 0
  const next = () => `${round}-${count++}`

  const draft = <Type extends EventType>(type: Type, own: Own<Type>): EventDraft =>
    ({ type, sessionId, at: at(), dedupeKey: next(), ...own }) as unknown as EventDraft

  const askOf = (step: Extract<Step, { do: 'tool' | 'question' | 'plan' }>): Ask => {
    if (step.do === 'question') return { kind: 'question', questions: step.questions }
    if (step.do === 'plan') return { kind: 'plan', plan: step.plan, modes: [...step.modes] }
    const { input = {}, suggestions = [] } = step.asks ?? {}
    return { kind: 'tool', tool: step.tool, input, suggestions: [...suggestions] }
  }

  const script = {
    sessionId,
    draft,
    askOf,
    newId: () => `demo-${name}-${next()}`,
    newPermissionId: () => `per_demo-${name}-${next()}` as PermissionId,

    started: (facts: Scenario['session'], machine: string): EventDraft =>
      draft('session.started', {
        capabilities: EVERYTHING,
        ...facts,
        sourceId: 'simulated' as EventOf<'session.started'>['sourceId'],
        machine,
      }),

    toolEnded: (
      toolCallId: string,
      outcome: EventOf<'tool.ended'>['outcome'],
      result: ToolResult = {},
      more: Partial<Own<'tool.ended'>> = {},
    ): EventDraft => draft('tool.ended', { toolCallId, outcome, result, ...more }),

    resolved: (
      permissionId: PermissionId,
      by: Actor,
      more: Pick<Own<'permission.resolved'>, 'outcome'> & Partial<Own<'permission.resolved'>>,
    ): EventDraft => draft('permission.resolved', { permissionId, by, ...more }),

    /** The drafts of a step that stands for itself, without an answer. */
    plain: (step: Step, subagent?: Subagent): EventDraft[] => {
      const of = subagent ? { subagent } : {}
      switch (step.do) {
        case 'person':
          return [
            draft('message.person', { messageId: script.newId(), text: step.text, from: 'person' }),
          ]
        case 'say':
          return [draft('message.agent', { messageId: script.newId(), text: step.text, ...of })]
        case 'think':
          return [draft('message.thinking', { messageId: script.newId(), text: step.text, ...of })]
        case 'note':
          return [draft('message.note', { text: step.text, tone: step.tone })]
        case 'tasks':
          return [draft('tasks.changed', { tasks: step.tasks, ...of })]
        case 'change':
          return [draft('session.changed', step.facts)]
        case 'tool':
          return script.wholeTool(step, subagent)
        case 'end-turn': {
          const { outcome, error } = step
          return [draft('turn.ended', { outcome, ...(error !== undefined && { error }) })]
        }
        case 'end': {
          const { reason, text } = step
          return [draft('session.ended', { reason, ...(text !== undefined && { text }) })]
        }
        case 'raw':
          return [
            { sessionId, at: at(), dedupeKey: next(), ...step.event } as unknown as EventDraft,
          ]
        default:
          return []
      }
    },

    /** A tool call from its start to its end, as it stands in what is past. */
    wholeTool: (step: ToolStep, subagent?: Subagent): EventDraft[] => {
      const toolCallId = script.newId()
      const of = subagent ? { subagent } : {}
      return [
        draft('tool.started', { toolCallId, tool: step.tool, ...of }),
        script.toolEnded(toolCallId, step.outcome ?? 'ok', step.result, of),
      ]
    },

    /** Every draft a step can lead to, for checking it. */
    sample: (step: Step): EventDraft[] => {
      const asks = step.do === 'question' || step.do === 'plan' || (step.do === 'tool' && step.asks)
      const ask = asks
        ? [
            draft('permission.requested', {
              permissionId: script.newPermissionId(),
              ask: askOf(step as Parameters<typeof askOf>[0]),
            }),
          ]
        : []
      const result = step.do === 'subagent' ? { text: step.result } : {}
      const subagent =
        step.do === 'subagent'
          ? [
              ...script.plain({ do: 'say', text: step.prompt }, step.subagent),
              script.toolEnded(script.newId(), 'ok', result),
            ]
          : []
      return [...script.plain(step), ...ask, ...subagent]
    },
  }
  return script
}

/** Puts answers into a text: `{{1}}` is the first of them. */
export const fillIn = (text: string, words: readonly string[]): string =>
  text.replaceAll(/\{\{(\d)\}\}/g, (whole, number: string) => words[Number(number) - 1] ?? whole)
