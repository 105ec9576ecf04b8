import type { Ask, Command, EventOf, JsonObject, ToolDetail } from '@bellhop/core'

export type Answer = Extract<Command, { permissionId: string }>
type Resolution = Pick<EventOf<'permission.resolved'>, 'outcome' | 'text' | 'edited' | 'rules'>

/** How an answer settles what was asked. Pure. */
export const resolutionOf = (answer: Answer, ask: Ask): Resolution => {
  switch (answer.type) {
    case 'decide_permission': {
      const { decision } = answer
      if (decision.behavior === 'deny') return { outcome: 'denied', ...textOf(decision.reason) }
      const taken = new Set(decision.suggestionIds)
      const offered = ask.kind === 'tool' ? ask.suggestions : []
      const rules = offered.filter((one) => taken.has(one.suggestionId)).map((one) => one.words)
      return {
        outcome: 'allowed',
        ...(decision.input && { edited: true }),
        ...(rules.length > 0 && { rules }),
      }
    }
    case 'answer_question':
      return answer.answer.kind === 'talk'
        ? { outcome: 'rejected', ...textOf(answer.answer.text) }
        : { outcome: 'answered', text: wordsOf(answer).join('\n') }
    case 'decide_plan': {
      const { decision } = answer
      if (decision.behavior === 'reject') return { outcome: 'rejected', ...textOf(decision.reason) }
      const edited =
        decision.plan !== undefined && ask.kind === 'plan' && decision.plan !== ask.plan
      return { outcome: 'approved', ...(edited && { edited }) }
    }
  }
}

/** The words of an answer, one entry a question, for the agent to take up. Pure. */
export const wordsOf = (answer: Answer): string[] => {
  switch (answer.type) {
    case 'answer_question':
      return answer.answer.kind === 'talk'
        ? [answer.answer.text ?? 'Let us talk first.']
        : answer.answer.answers.map(({ choices, text }) =>
            [...choices, ...(text ? [text] : [])].join(', '),
          )
    case 'decide_permission':
      return [reasonOf(answer.decision)]
    case 'decide_plan':
      return [reasonOf(answer.decision)]
  }
}

const reasonOf = (decision: { reason?: string | undefined } | object): string =>
  ('reason' in decision && decision.reason) || 'no reason given'

const textOf = (text: string | undefined) => (text === undefined ? {} : { text })

/** The tool call as it runs with a changed input. Pure. */
export const toolWith = (tool: ToolDetail, input: JsonObject): ToolDetail => {
  const text = (name: string, fallback: string) => {
    const value = input[name]
    return typeof value === 'string' ? value : fallback
  }
  switch (tool.kind) {
    case 'shell':
      return { ...tool, command: text('command', tool.command) }
    case 'write':
      return {
        ...tool,
        path: text('file_path', tool.path),
        content: text('content', tool.content),
      }
    case 'fetch':
      return { ...tool, url: text('url', tool.url) }
    case 'mcp':
    case 'other':
      return { ...tool, input }
    default:
      return tool
  }
}
