import { RelayError } from '@bellhop/core'
import type { CloudFailure } from '../cloud-api.ts'

/** The failure of a call, where that is what an error is; anything else is a mistake of our own. */
export const failureOf = (error: unknown): CloudFailure | undefined =>
  error instanceof RelayError && 'kind' in error && 'words' in error
    ? (error as CloudFailure)
    : undefined
