import { askLine, outOfReachSince, type Session } from '@bellhop/core'
import { ago } from './listing.ts'
import type { Paper } from './row-lines.ts'
import { printable, type Styles } from './terminal.ts'
import { inLines } from './text-width.ts'

const statusWord = (session: Session, { waiting, faint }: Styles) => {
  const { status } = session
  const isAway = outOfReachSince(session) !== undefined && status !== 'ended'
  if (isAway) return faint('out of reach')
  if (status === 'waiting') return waiting('needs you')
  return status === 'working' ? 'working' : faint(status)
}

const nowLine = (session: Session) => {
  const [wait] = session.waits
  return wait ? askLine(wait.ask) : (session.lastLine ?? '')
}

/** A session in a line or two, or a few where they are short: how it stands, what it is called, where, and what it does now. */
export const headOf = (session: Session, { styles, columns, nowMs }: Paper): string[] => {
  const { title, project, branch, statusAt } = session
  const place = [project, branch].filter((part) => part !== null).join(' · ')
  const most = Math.min(60, columns - 2)
  const head = [
    statusWord(session, styles),
    styles.strong(printable(title ?? 'Untitled', most)),
    styles.faint(printable(place, most)),
    styles.faint(ago(statusAt, nowMs)),
  ]
  const now = printable(nowLine(session), columns - 4)
  return [...inLines(head, columns), ...(now === '' ? [] : [`  ${now}`])]
}
