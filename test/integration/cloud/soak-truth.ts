import { isDeepStrictEqual } from 'node:util'
import {
  emptyTranscript,
  type PermissionId,
  reduceTranscript,
  type SessionEvent,
  type TranscriptRow,
} from '@bellhop/core'
import { uuidFor } from '../../../apps/relay/src/sources/claude-cloud/commands/event-ids.ts'
import type { Fields } from '../../session-api/types.ts'
import { type Line, sideBySide } from '../../support/cloud-transcript.ts'
import { readHistory } from '../../support/virtual-phone.ts'
import { commandLies } from './soak-commands.ts'
import { promptsOf } from './soak-prompts.ts'
import { marksIn } from './soak-script.ts'
import type { SoakSeat, SoakStage } from './soak-stage.ts'

const show = (value: unknown) => JSON.stringify(value)

/** The first place where two lists differ, in words. */
const firstDifference = (stored: readonly unknown[], shown: readonly unknown[]): string => {
  const at = stored.findIndex((line, index) => !isDeepStrictEqual(line, shown[index]))
  const place = at < 0 ? stored.length : at
  return `line ${place} of ${stored.length}, ${shown.length}: stored ${show(stored[place])}, shown ${show(shown[place])}; before ${show(stored.slice(Math.max(0, place - 3), place))}, stored then ${show(stored.slice(place + 1, place + 3))}, shown then ${show(shown.slice(place + 1, place + 3))}`
}

/** Words that come back once more, as messages that waited do, are said once. */
const withoutRepeats = (lines: readonly Line[]): Line[] => {
  const said = new Set<string>()
  return lines.filter((line) => {
    if (line.kind !== 'person' && line.kind !== 'peer') return true
    const marks = marksIn(line.text)
    const isNew = marks.length === 0 || marks.some((mark) => !said.has(mark))
    for (const mark of marks) said.add(mark)
    return isNew
  })
}

/**
 * Prompts stand where they became known, which may be later than where they were asked; how each came
 * out is looked at by itself.
 */
const withoutPrompts = (lines: readonly Line[]): Line[] =>
  lines
    .filter(({ kind }) => kind !== 'ask')
    .map((line) => (line.kind === 'tool' ? { ...line, asked: 'none' } : line))

const transcriptLies = ({ session }: SoakSeat, rows: readonly TranscriptRow[]): string[] => {
  const { stored: all, shown: told } = sideBySide(session, rows)
  const shown = withoutPrompts(told)
  const stored = withoutPrompts(withoutRepeats(all))
  const lies = isDeepStrictEqual(stored, shown)
    ? []
    : [`the transcript differs: ${firstDifference(stored, shown)}`]
  const words = rows.flatMap((row) =>
    row.kind === 'person' || row.kind === 'agent' ? marksIn(row.text) : [],
  )
  const twice = words.filter((mark, at) => words.indexOf(mark) !== at)
  if (twice.length > 0) lies.push(`told twice: ${twice}`)
  const posted = session.events.flatMap(({ payload }) =>
    payload.type === 'user' || payload.type === 'assistant'
      ? spoken(payload).flatMap((text) => marksIn(text))
      : [],
  )
  const missing = posted.filter((mark) => !words.includes(mark))
  if (missing.length > 0) lies.push(`not told: ${missing}`)
  return lies
}

const spoken = ({ message }: Fields): string[] => {
  const { content } = (message ?? {}) as Fields
  if (typeof content === 'string') return [content]
  const blocks: Fields[] = Array.isArray(content) ? content : []
  return blocks.filter(({ type }) => type === 'text').map(({ text }) => String(text))
}

const yes = ['allowed', 'answered', 'approved']

/** What the answers that are stored for a prompt were posted under, each once. */
const answersTo = ({ session }: SoakSeat, requestId: string): string[] => {
  const found = session.events.filter(({ source, payload }) => {
    const { request_id: about } = (payload.response ?? {}) as Fields
    return source === 'client' && payload.type === 'control_response' && about === requestId
  })
  return [...new Set(found.map(({ event_id: uuid }) => uuid))]
}

/** What the phone says of each prompt, against who decided it. */
const promptLies = (
  { commands }: SoakStage,
  seat: SoakSeat,
  events: readonly SessionEvent[],
): string[] => {
  const ours = new Set(commands.map(({ command }) => uuidFor(command.commandId, 'answer')))
  const isOurUuid = (uuid = '') => ours.has(uuid)
  const lies: string[] = []
  const requested = events.filter((event) => event.type === 'permission.requested')
  const resolved = events.filter((event) => event.type === 'permission.resolved')
  const isWithdrawn = (id: PermissionId) =>
    resolved.some(({ permissionId, outcome }) => permissionId === id && outcome === 'withdrawn')
  for (const prompt of promptsOf(seat)) {
    const named = `prompt ${prompt.mark} (${prompt.winner.who} ${prompt.winner.behavior ?? ''})`
    const given = answersTo(seat, prompt.requestId).filter(isOurUuid)
    if (given.length > 1) lies.push(`${named} was answered from here ${given.length} times`)
    const asks = requested.filter(({ ask }) => show(ask).includes(prompt.mark))
    const ask = asks.at(-1)
    // One that was taken for over and is named as open again is shown anew, under another id.
    const before = asks.slice(0, -1).filter(({ permissionId }) => !isWithdrawn(permissionId))
    if (!ask || before.length > 0) {
      lies.push(`${named} was shown ${asks.length} times`)
      continue
    }
    const ends = resolved.filter(({ permissionId }) => permissionId === ask.permissionId)
    const [end] = ends
    if (ends.length > 1) lies.push(`${named} ended ${ends.length} times: ${show(ends)}`)
    if ((end === undefined) !== (prompt.winner.who === 'open'))
      lies.push(`${named} is ${end ? `over: ${show(end)}` : 'still open'}`)
    // A worker that took its place confirms what it does not know, so nobody can tell.
    if (!end || prompt.winner.who === 'gone') continue
    const isOurs = prompt.winner.who === 'client' && isOurUuid(prompt.winner.uuid)
    if ((end.by.kind === 'device') !== isOurs) lies.push(`${named} was decided by ${show(end)}`)
    const { behavior } = prompt.winner
    const fits =
      end.outcome === 'answered' ||
      end.outcome === 'withdrawn' ||
      // The worker calls it a no when an interrupt takes it back.
      (prompt.winner.who === 'nobody' && end.by.kind === 'terminal') ||
      (behavior !== undefined && (behavior === 'allow') === yes.includes(end.outcome))
    if (!fits || (isOurs && end.outcome === 'withdrawn'))
      lies.push(`${named} came out as ${show(end)}`)
  }
  return lies
}

const stateLies = ({ rig, phones: [phone] }: SoakStage, seat: SoakSeat): string[] => {
  const shown = phone.session(seat.id)
  const { worker, session } = seat
  if (!shown) return ['is not on the phone']
  const open = worker.pending ? 1 : 0
  const expected = {
    waits: open,
    status: open > 0 ? 'waiting' : worker.isRunning ? 'working' : 'idle',
    title: session.row.title,
    permissionMode: worker.permissionMode,
    model: worker.model,
    isOffline: session.row.connection_status === 'disconnected',
  }
  const { waits, status, title, permissionMode, model, offlineSince } = shown
  const state = {
    waits: waits.length,
    status,
    title,
    permissionMode,
    model,
    isOffline: offlineSince !== undefined,
  }
  return isDeepStrictEqual(state, expected)
    ? []
    : [`at ${rig.time.nowMs()} is shown as ${show(state)} and is ${show(expected)}`]
}

/** Everything the phones were told that is not so; each in a line. */
export const findLies = async (stage: SoakStage): Promise<string[]> => {
  const lies: string[] = []
  const [phone] = stage.phones
  for (const seat of stage.seats) {
    const events = await readHistory(phone.client, seat.id)
    const rows = reduceTranscript(emptyTranscript, events).rows
    const found = [
      ...transcriptLies(seat, rows),
      ...promptLies(stage, seat, events),
      ...stateLies(stage, seat),
      ...commandLies(stage, seat, events),
    ]
    if (!isDeepStrictEqual(phone.rows(seat.id), rows))
      found.push(`live rows differ: ${firstDifference(rows, phone.rows(seat.id))}`)
    lies.push(...found.map((lie) => `${seat.session.row.title} (${seat.worker.kind}): ${lie}`))
  }
  return lies
}
