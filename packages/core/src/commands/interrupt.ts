import { command } from './command.ts'

/** Stops what the agent is doing; the session stays open. */
export const interruptCommand = command('interrupt', { scope: 'drive', anyOf: ['interrupt'] }, {})
