/** What a row of the list says of its session, in the words of the protocol. Pure. */
import { BOUNDS, type Capability, cut, type EventOf, firstLine } from '@bellhop/core'
import { textOf } from '../../../claude-format/lines.ts'
import type { CloudRow } from '../cloud-api.ts'
import { line } from './telling.ts'

export type WireFacts = Omit<EventOf<'session.changed'>, keyof EventOf<'turn.started'>>

const away: readonly Capability[] = ['prompt', 'rename', 'archive']
const there: readonly Capability[] = [
  'prompt',
  'interrupt',
  'decide_permission',
  'always_allow',
  'answer_question',
  'decide_plan',
  'set_model',
  'set_permission_mode',
  'set_thinking',
  'rename',
  'archive',
  'list_mcp_servers',
]

/**
 * What the session can be asked. A call is never edited; one that is away takes a message, which
 * reaches it at its return; one that was put away takes nothing, whatever its flags say.
 */
export const capabilitiesOf = (row: CloudRow): Capability[] =>
  row.isArchived ? [] : [...(row.connection === 'disconnected' ? away : there)]

/** The last part of a path or an address, on whatever machine it is one. */
const lastPart = (path: string): string | undefined =>
  textOf(
    path
      .replace(/(\.git)?[/\\]*$/, '')
      .split(/[/\\:]/)
      .at(-1) ?? '',
  )

export const projectOf = (cwd: string | undefined, repository: string | undefined) =>
  (cwd && lastPart(cwd)) ?? (repository && lastPart(repository))

const kinds = { bridge: 'Remote Control', cloud: 'Cloud', unknown: 'Cloud' } as const

/** The machine, as far as anybody knows it. */
export const machineOf = (row: CloudRow | undefined, name: string | undefined): string =>
  line(name ?? kinds[row?.kind ?? 'unknown'])

export function rowFacts(row: CloudRow): WireFacts {
  const { title, cwd, branch, model, permissionMode, contextUsed } = row
  const project = projectOf(cwd, row.repository)
  const heading = title && firstLine(title.split('\n').find((one) => one.trim() !== '') ?? '')
  const isShare = contextUsed !== undefined && contextUsed >= 0 && contextUsed <= 1
  return {
    ...(heading && { title: heading }),
    ...(cwd && { cwd: cut(cwd, BOUNDS.path).text }),
    ...(project && { project: line(project) }),
    ...(branch && { branch: line(branch) }),
    ...(model && { model: line(model) }),
    ...(permissionMode && { permissionMode: line(permissionMode) }),
    ...(isShare && { contextUsed: Math.round(contextUsed * 100) / 100 }),
    capabilities: capabilitiesOf(row),
  }
}
