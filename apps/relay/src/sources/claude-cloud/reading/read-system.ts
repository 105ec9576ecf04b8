/** A `system` event: what the program says about itself. */
import { BOUNDS, cut } from '@bellhop/core'
import { type Fields, fieldsOf, numberOf, textOf } from '../../../claude-format/lines.ts'
import { contentText } from '../../../claude-format/tool-detail.ts'
import { readUserText } from '../../../claude-format/user-text.ts'
import type { ReadingState } from './reading-state.ts'
import { projectOf } from './row-facts.ts'
import { addActivity, addNote, type EventTelling, line, type Telling } from './telling.ts'

type Read = (state: ReadingState, telling: EventTelling) => void

const nothing: Read = () => {}

/** The words of something that is meant to be shown, whatever field they are in. */
const wordsOf = (payload: Fields): string => {
  for (const value of [payload.content, payload.text, payload.message, payload.summary]) {
    const text = contentText(value)
    if (text.trim() !== '') return text
  }
  return ''
}

const note =
  (fallback = ''): Read =>
  (_state, telling) => {
    const { payload, uuid } = telling
    const said = readUserText(wordsOf(payload) || fallback)
    if (said.kind !== 'words' && said.kind !== 'note') return
    const isWarning = payload.level === 'error' || payload.level === 'warning'
    const tone =
      isWarning || (said.kind === 'note' && said.tone === 'warning') ? 'warning' : 'plain'
    if (payload.level !== 'suggestion') {
      addNote(telling, { text: said.text, tone, key: `event:${uuid}:note` })
    }
  }

/** Sent again at each turn and change; a terminal’s has no folder. [A-20] [A-73] */
const init: Read = ({ facts }, { payload }) => {
  const cwd = textOf(payload.cwd)
  const model = textOf(payload.model)
  const permissionMode = textOf(payload.permissionMode)
  const project = projectOf(cwd, undefined)
  facts.learn({
    ...(cwd && { cwd: cut(cwd, BOUNDS.path).text }),
    ...(project && { project: line(project) }),
    ...(model && { model: line(model) }),
    ...(permissionMode && { permissionMode: line(permissionMode) }),
  })
}

const status: Read = (state, telling) => {
  const { payload, uuid } = telling
  const permissionMode = textOf(payload.permissionMode)
  if (permissionMode) state.facts.learn({ permissionMode: line(permissionMode) })
  const error = textOf(payload.compact_error)
  if (error) {
    const text = `What was said could not be compacted: ${error}`
    addNote(telling, { text, tone: 'warning', key: `event:${uuid}:note` })
  }
  showStatus(telling)
}

/** A compaction is silent for minutes. [A-92] */
export function showStatus(telling: Telling & { payload: Fields }): void {
  if (telling.payload.status === 'compacting')
    addActivity(telling, 'Summing up what was said so far')
  else if (telling.payload.status === null) addActivity(telling, '')
}

export function showRetry(telling: Telling & { payload: Fields }): void {
  const attempt = numberOf(telling.payload.attempt)
  const most = numberOf(telling.payload.max_retries)
  const count = attempt ? ` (${attempt}${most ? ` of ${most}` : ''})` : ''
  addActivity(telling, `The API did not answer, trying again${count}`)
}

/** A level that comes and goes; the turn’s end itself is the `result`. [A-75] */
const stateChanged: Read = ({ turns, clock }, { payload }) => {
  if (payload.state === 'running') turns.allow()
  if (payload.state === 'idle') turns.seemsOver(clock.nowMs())
}

const taskStarted: Read = (state, telling) => {
  const words = textOf(telling.payload.description) ?? wordsOf(telling.payload)
  if (state.turns.isOpen && words) addActivity(telling, words)
}

/** A background task has ended: the agent may go on by itself. */
const taskNotification: Read = (state, telling) => {
  const { payload, uuid } = telling
  state.turns.allow()
  const text = wordsOf(payload) || 'A background task has news.'
  addNote(telling, {
    text,
    key: `task:${textOf(payload.task_id) ?? uuid}:${textOf(payload.status) ?? ''}`,
  })
  state.calls.endOrphans(telling)
}

const denied: Read = (_state, telling) => {
  const { payload, uuid } = telling
  const words = wordsOf(payload) || textOf(payload.reason) || textOf(payload.decision_reason)
  const name = textOf(payload.tool_name) ?? 'A call'
  const text = `${name} was not allowed, and nobody was asked.${words ? ` ${words}` : ''}`
  addNote(telling, { text, tone: 'warning', key: `event:${uuid}:note` })
}

const branchChanged: Read = ({ facts }, { payload }) => {
  const branch = textOf(payload.branch)
  if (branch) facts.learn({ branch: branch === 'HEAD' ? null : line(branch) })
  else if (payload.branch === null) facts.learn({ branch: null })
}

const readers: Readonly<Record<string, Read>> = {
  init,
  status,
  session_state_changed: stateChanged,
  worker_shutting_down: (state) => {
    state.isLeaving = true
  },
  compact_boundary: (_state, telling) =>
    addNote(telling, {
      text: 'What was said so far was compacted.',
      key: `event:${telling.uuid}:note`,
    }),
  api_retry: (_state, telling) => showRetry(telling),
  task_started: taskStarted,
  task_notification: taskNotification,
  local_command_output: note(),
  informational: note(),
  notification: note(),
  permission_denied: denied,
  vcs_state_changed: branchChanged,
  model_refusal_fallback: note('Another model answers, as the first one would not.'),
  peer_message_hold: note('A message from another session is held back until somebody lets it in.'),
  // Said elsewhere, of no use to people, or of this moment only.
  background_tasks_changed: nothing,
  commands_changed: nothing,
  control_request_progress: nothing,
  elicitation_complete: nothing,
  files_persisted: nothing,
  hook_progress: nothing,
  hook_response: nothing,
  hook_started: nothing,
  memory_recall: nothing,
  plugin_install: nothing,
  post_turn_summary: nothing,
  task_progress: nothing,
  task_summary: nothing,
  task_updated: nothing,
  thinking_tokens: nothing,
  turn_handoff_available: nothing,
}

/** False for a subtype that is not known here. */
export function readSystem(state: ReadingState, telling: EventTelling): boolean {
  const reader = Object.hasOwn(readers, String(telling.payload.subtype))
    ? readers[String(telling.payload.subtype)]
    : undefined
  reader?.(state, telling)
  return reader !== undefined
}

/** What a level of the account says, once for each. */
export function readRateLimit(telling: EventTelling): void {
  const info = fieldsOf(telling.payload.rate_limit_info) ?? {}
  if (info.status !== 'rejected' && info.status !== 'allowed_warning') return
  const resetsAt = numberOf(info.resetsAt)
  const isOver = info.status === 'rejected'
  const isTime = resetsAt !== undefined && resetsAt > 0 && resetsAt < 1e11
  const until = isTime
    ? ` until ${new Date(resetsAt * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : ''
  const text = isOver
    ? `The usage limit is reached${until}.`
    : `The usage limit is near${until && `, it counts${until}`}.`
  const key = `limit:${info.status}:${textOf(info.rateLimitType) ?? ''}:${resetsAt ?? ''}`
  addNote(telling, { text, tone: 'warning', key })
}
