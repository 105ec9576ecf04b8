import type {
  EventOf,
  QuestionAsk,
  Subagent,
  Suggestion,
  ToolDetail,
  ToolResult,
} from '@bellhop/core'

type SessionFacts = Pick<
  EventOf<'session.changed'>,
  'title' | 'cwd' | 'project' | 'branch' | 'model' | 'permissionMode' | 'capabilities'
>

/** One thing that happens in a scenario. Texts may hold `{{1}}`, which the answers before fill in. */
export type Step =
  | { do: 'person'; text: string }
  | { do: 'say' | 'think'; text: string }
  | { do: 'note'; text: string; tone: 'plain' | 'warning' }
  | { do: 'tasks'; tasks: EventOf<'tasks.changed'>['tasks'] }
  | { do: 'change'; facts: SessionFacts }
  | { do: 'pause'; ms: number }
  | ToolStep
  | {
      do: 'subagent'
      subagent: Subagent
      prompt: string
      steps: readonly Step[]
      /** What it hands back. */
      result: string
    }
  | {
      do: 'question'
      questions: QuestionAsk['questions']
      /** `{{1}}` is the answer to the first question. */
      answered: readonly Step[]
      /** `{{1}}` is what was said instead. */
      talk: readonly Step[]
    }
  | {
      do: 'plan'
      plan: string
      modes: readonly { mode: string; words: string }[]
      approved: readonly Step[]
      /** `{{1}}` is the reason. */
      rejected: readonly Step[]
    }
  /** Ends the turn; without it a turn ends well with its last step. */
  | { do: 'end-turn'; outcome: 'finished' | 'failed'; error?: string }
  | { do: 'end'; reason: EventOf<'session.ended'>['reason']; text?: string }
  /** Something this version does not know, handed in as it is. */
  | { do: 'raw'; event: { type: string } & Readonly<Record<string, unknown>> }

/** A tool call; with `asks` it needs leave first. */
export type ToolStep = {
  do: 'tool'
  tool: ToolDetail
  takesMs?: number
  /** What goes on meanwhile, in words. */
  activity?: string
  outcome?: 'ok' | 'failed'
  result?: ToolResult
  asks?: {
    input: Readonly<Record<string, string | number | boolean>>
    suggestions: readonly Suggestion[]
    /** What the agent does instead, after which the turn is over. `{{1}}` is the reason. */
    denied: readonly Step[]
  }
}

/** A session as it is played. */
export type Scenario = {
  /** Lower case and dashes; it names the session for good. */
  name: string
  session: SessionFacts
  /** How long ago it began; what is in `before` is spread over that time. */
  startedMinutesAgo: number
  /** What had happened when the play begins. */
  before: readonly Step[]
  /** What happens now. */
  play: readonly Step[]
  /** What messages are answered with, one after the other and then over again. */
  replies: readonly (readonly Step[])[]
  /** Plays once more after the session has been idle for so long. */
  againAfterMs?: number
}
