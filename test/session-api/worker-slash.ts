import { randomUUID } from 'node:crypto'
import type { SentEvent } from './types.ts'
import type { WorkerCore } from './worker-core.ts'

/** What a command of the program's own did to the turn. */
export type SlashOutcome = 'exit' | 'clear' | 'silent' | false

const never = new AbortController().signal

const compact = async (core: WorkerCore): Promise<SlashOutcome> => {
  core.system('status', { status: 'compacting' })
  await core.time.wait(core.options.stepMs * 5, never)
  core.system('status', { status: null, compact_result: 'success' })
  core.system('compact_boundary', { compact_metadata: { trigger: 'manual', pre_tokens: 42_000 } })
  core.user('This session continues from an earlier one; in short: all went well.', {
    isSynthetic: true,
  })
  return 'silent'
}

/** Runs a slash command of the program; anything else goes to the model as text. */
export const runSlashCommand = async (
  core: WorkerCore,
  text: string,
  messages: readonly SentEvent[],
): Promise<SlashOutcome> => {
  switch (text.trim().split(/\s/)[0]) {
    case '/compact':
      return compact(core)
    case '/clear':
      core.say({
        type: 'conversation_reset',
        trigger: 'clear',
        new_conversation_id: randomUUID(),
        ...(messages[0] && { user_message_uuid: messages[0].eventId }),
      })
      return 'clear'
    // Seen: it gives no result at all.
    case '/cost':
      return 'silent'
    case '/exit':
      return 'exit'
    default:
      return false
  }
}
