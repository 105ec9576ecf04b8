import { ERRORS, type ErrorCode, isErrorCode } from '@bellhop/core'

const ISSUE_CHARS = 300

/** What an agent is to do, where the code’s own sentence speaks to a person at a screen. */
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  invalid_request:
    'Take each id and cursor exactly as another tool answered it, and the rest as the tool describes it.',
  body_too_large: 'That is too long. Say it in fewer words.',
  rate_limited: 'Too much at once. Wait a minute, then try again.',
  not_paired: 'The relay does not know this agent. A person can let it in: `bellhop mcp add`.',
  device_removed:
    'A person has removed this agent, so these tools do nothing any more. Do not try again; say so.',
  scope_missing:
    'You were not given leave for this, only to do less. Do not look for a way around it: say what you would do, and leave it to a person.',
  agent_refused: 'Only a person may do that. Say what you would do, and leave it to them.',
  agent_must_ask:
    'You have to ask a person first, and a start cannot be asked for. Say what you would start, and leave it to them.',
  session_not_found: 'There is no such session. list_sessions names those there are.',
  session_ended: 'This session has ended, and takes nothing any more. It can still be read.',
  not_supported:
    'This session cannot be asked to do that. `capabilities` in get_session_info says what it can.',
  permission_not_found: 'There is no such prompt in this session. list_pending names those open.',
  permission_already_decided:
    'This was decided before, so your answer was not applied. list_pending names what is still open.',
  shown_input_differs:
    'What is asked has changed since you read it. Read it again by list_pending, then answer that.',
  suggestion_unknown: 'That rule is none of those offered. Read the prompt again by list_pending.',
  place_unknown: 'There is no such place (any more). list_places names those there are.',
  source_refused: 'The session did not take it. Read how it stands before you try again.',
}

/** A refusal as an agent is told it: the relay’s own words where they say more than the code. Pure. [MC-3] */
export const agentSentence = (
  code: string,
  text: string,
  details: Readonly<Record<string, unknown>> = {},
): string => {
  const isGeneric = isErrorCode(code) && text === ERRORS[code].text
  const sentence = isGeneric ? (SENTENCES[code] ?? text) : text
  const { issue } = details
  // What the relay says does not fit, says most.
  const unfit = typeof issue === 'string' ? issue.replaceAll(/[×\s]+/g, ' ').trim() : ''
  const first = unfit === '' ? '' : `This does not fit: ${unfit.slice(0, ISSUE_CHARS)}. `
  return first + sentence.replace('What you tapped', 'Your answer')
}
