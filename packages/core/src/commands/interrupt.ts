import { command } from './command.ts'
import { RULES } from './rules.ts'

/** Stops what the agent is doing; the session stays open. */
export const interruptCommand = command('interrupt', RULES.interrupt, {})
