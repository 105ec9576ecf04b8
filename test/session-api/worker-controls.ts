import { fieldsIn } from './tool-answers.ts'
import type { Fields } from './types.ts'
import type { WorkerCore } from './worker-core.ts'

const modes = ['default', 'acceptEdits', 'plan', 'auto', 'dontAsk', 'bypassPermissions']

type Reply =
  | { ok: Fields; beside?: Fields; before?: () => void; after?: () => void }
  | { error: string; code?: string }

type Control = (core: WorkerCore, request: Fields) => Reply

const initialize: Control = (core) => {
  const isTerminal = core.kind === 'terminal'
  return {
    ok: {
      commands: isTerminal ? [] : [{ name: 'compact', description: '', argumentHint: '' }],
      agents: [],
      output_style: 'normal',
      available_output_styles: ['normal'],
      models: [],
      account: {},
      pid: 0,
      claude_code_version: '2.1.329',
      inbound_read_receipts: true,
      current_model: core.model,
      current_permission_mode: core.mode,
    },
    beside: {
      pending_permission_requests: core.prompts.map(({ requestId, request }) => ({
        type: 'control_request',
        request_id: requestId,
        request,
      })),
      pending_user_dialog_requests: [],
    },
    after: () => {
      core.init()
      core.system('status', { status: null, permissionMode: core.mode })
    },
  }
}

const setPermissionMode: Control = (core, { mode }) => {
  if (typeof mode !== 'string' || !modes.includes(mode))
    return { error: `Invalid permission mode: ${mode}`, code: 'invalid_mode' }
  if (mode === 'bypassPermissions')
    return {
      error: 'The session was not started with permission checks off',
      code: 'bypass_not_launched',
    }
  return { ok: { mode }, before: () => core.setMode(mode), after: core.init }
}

const setModel: Control = (core, { model }) => {
  if (model !== null && model !== undefined && typeof model !== 'string')
    return { error: 'model: must be a string or null' }
  core.model = !model || model === 'default' ? 'claude-opus-5-5' : model
  core.session.setMetadata({ model: core.model })
  return { ok: {}, after: core.init }
}

const cancelMessage: Control = (core, { message_uuid: uuid }) => {
  const at = core.waiting.findIndex(({ eventId }) => eventId === uuid)
  if (at >= 0) core.waiting.splice(at, 1)
  return { ok: { cancelled: at >= 0 } }
}

const nothing: Control = () => ({ ok: {} })

const controls: Record<string, Control> = {
  initialize,
  set_permission_mode: setPermissionMode,
  set_model: setModel,
  set_max_thinking_tokens: nothing,
  apply_flag_settings: (core, { settings }) => {
    const effort = fieldsIn(settings)?.effortLevel
    if (typeof effort === 'string') core.session.setMetadata({ effort_level: effort })
    return { ok: {} }
  },
  rename_session: (core, { title }) => {
    if (typeof title !== 'string' || title === '') return { error: 'title: required' }
    core.session.set({ title })
    return { ok: { title } }
  },
  set_color: nothing,
  file_suggestions: () => ({ ok: { suggestions: [] } }),
  read_file: (_core, { path }) => ({ ok: { contents: '', absPath: path } }),
  get_context_usage: () => ({ ok: { totalTokens: 12_000, maxTokens: 200_000, percentage: 6 } }),
  get_usage: nothing,
  mcp_status: () => ({
    ok: { mcpServers: [{ name: 'docs', status: 'connected', scope: 'project' }] },
  }),
  stop_task: nothing,
  background_tasks: nothing,
  cancel_async_message: cancelMessage,
  get_workspace_diff: () => ({ ok: { diff: '' } }),
}

/** Answers a client's `control_request`; an interrupt is the turn's business. */
export const answerControl = (core: WorkerCore, payload: Fields): void => {
  const request = fieldsIn(payload.request) ?? {}
  const requestId = payload.request_id
  const subtype = String(request.subtype)
  const control = controls[subtype]
  if (!control) {
    core.respond({
      subtype: 'error',
      request_id: requestId,
      error: `REPL bridge does not handle control_request subtype: ${subtype}`,
      error_code: 'unsupported_request',
    })
    return
  }
  const reply = control(core, request)
  if ('error' in reply) {
    core.respond({
      subtype: 'error',
      request_id: requestId,
      error: reply.error,
      ...(reply.code && { error_code: reply.code }),
    })
    return
  }
  reply.before?.()
  core.respond({ subtype: 'success', request_id: requestId, response: reply.ok }, reply.beside)
  reply.after?.()
}
