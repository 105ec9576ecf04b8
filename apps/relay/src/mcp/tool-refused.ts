import { ERRORS, isErrorCode, RelayError } from '@bellhop/core'
import { isRefusal, RelayGarbled, RelayUnreachable } from '@bellhop/core/client'
import { agentSentence } from './agent-sentences.ts'

/** A tool did not do what it was asked: a code to branch on, a sentence to read. */
export class ToolRefused extends Error {
  override readonly name = 'ToolRefused'
  readonly code: string
  constructor(code: string, sentence: string) {
    super(sentence)
    this.code = code
  }
}

type Refusal = { code: string; text: string; mayRetry: boolean }

/** What any failure means to the agent that called. [MC-3] */
export const refusalOf = (error: unknown): Refusal => {
  const { code, text, mayRetry } = failureOf(error)
  const details = isRefusal(error) || error instanceof RelayError ? error.details : {}
  return { code, text: agentSentence(code, text, details), mayRetry }
}

const failureOf = (error: unknown): Refusal => {
  if (error instanceof ToolRefused) {
    const mayRetry = isErrorCode(error.code) && ERRORS[error.code].retry
    return { code: error.code, text: error.message, mayRetry }
  }
  if (isRefusal(error)) return { code: error.code, text: error.message, mayRetry: error.mayRetry }
  if (error instanceof RelayError) {
    return { code: error.code, text: error.message, mayRetry: ERRORS[error.code].retry }
  }
  if (error instanceof RelayUnreachable || error instanceof RelayGarbled) {
    return { code: 'relay_unreachable', text: error.message, mayRetry: true }
  }
  return { code: 'internal', text: 'Bellhop made a mistake.', mayRetry: true }
}
