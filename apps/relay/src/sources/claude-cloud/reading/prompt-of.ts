/** A control request of a worker as the prompt a phone shows. Pure. */
import { createHash } from 'node:crypto'
import type { Ask, PermissionId, PermissionOutcome } from '@bellhop/core'
import { type Fields, fieldsOf, listOf, textOf } from '../../../claude-format/lines.ts'
import { askOf, noOutcome, yesOutcome } from '../../../claude-format/permission-ask.ts'
import type { OpenPrompt, ResolvedFields } from '../parts.ts'
import { withoutNul } from './without-nul.ts'

/** What a permission is called; undefined for a request id that nothing can be called after. */
function permissionIdOf(requestId: string): PermissionId | undefined {
  const id = requestId.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 90)
  if (id === '' || id === requestId) return id === '' ? undefined : (`per_${id}` as PermissionId)
  // Two ids that differ only in what is left out stay two.
  const digest = createHash('sha256').update(requestId).digest('base64url').slice(0, 16)
  return `per_${id}-${digest}` as PermissionId
}

/** The ask with what the worker forbids left out, and a yes made as hard as it wants it. */
function shownAsk(request: Fields, knownPlan: string | undefined): Ask {
  const { tool_name: name, permission_suggestions: suggestions } = request
  const input = fieldsOf(request.input) ?? {}
  const isWithoutRules =
    request.suppress_always_allow_rule === true || request.requires_user_interaction === true
  const hasPlan = textOf(input.plan) !== undefined
  const shownInput =
    hasPlan || name !== 'ExitPlanMode' ? request.input : { ...input, plan: knownPlan }
  const ask = askOf({ name, input: shownInput, ...(!isWithoutRules && { suggestions }) })
  // A worker takes a changed plan only where it sent the plan along.
  if (ask.kind === 'plan' && !hasPlan) return { ...ask, fixed: true }
  const isCareful = request.requires_user_interaction === true || request.default_to_no === true
  return ask.kind === 'tool' && isCareful ? { ...ask, careful: true } : ask
}

/** Reads a `can_use_tool`; `knownPlan` gives the plan a call was made with. */
export function promptOf(
  payload: Fields,
  knownPlan: (toolUseId: string) => string | undefined,
): OpenPrompt | undefined {
  const requestId = textOf(payload.request_id)
  const request = fieldsOf(payload.request)
  const toolName = textOf(request?.tool_name)
  const permissionId = requestId && permissionIdOf(requestId)
  if (!permissionId || !request || !toolName) return undefined
  const toolUseId = textOf(request.tool_use_id)
  const suggestions = listOf(request.permission_suggestions).filter((one) => fieldsOf(one))
  const ask = shownAsk(
    withoutNul({ ...request, permission_suggestions: suggestions }),
    toolUseId && knownPlan(toolUseId),
  )
  const isOffered = ask.kind === 'tool' && ask.suggestions.length > 0
  return {
    permissionId,
    requestId,
    toolName,
    ...(toolUseId && { toolUseId }),
    input: fieldsOf(request.input) ?? {},
    suggestions: isOffered ? suggestions : [],
    ask,
  }
}

/** What somebody’s answer to a prompt comes to; undefined for one that closes nothing. */
export function answerIn(response: Fields, toolName: string): ResolvedFields | undefined {
  const answer = fieldsOf(response.response)
  if (response.subtype !== 'success' || !answer) return undefined
  if (answer.behavior === 'deny') {
    const text = textOf(answer.message)
    return { outcome: noOutcome(toolName), ...(text && { text: text.slice(0, 8_000) }) }
  }
  if (answer.behavior !== 'allow') return undefined
  const given =
    toolName === 'AskUserQuestion' ? fieldsOf(fieldsOf(answer.updatedInput)?.answers) : undefined
  const text = Object.entries(given ?? {})
    .map(([question, said]) => `${question} ${Array.isArray(said) ? said.join(', ') : said}`)
    .join('\n')
    .slice(0, 8_000)
  return { outcome: yesOutcome(toolName), ...(text && { text }) }
}

/** How a prompt came out whose call has a result. */
export const outcomeByResult = (toolName: string, isDenied: boolean): PermissionOutcome =>
  isDenied ? noOutcome(toolName) : yesOutcome(toolName)
