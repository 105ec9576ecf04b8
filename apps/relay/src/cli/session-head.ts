import { askLine, outOfReachSince, type Session } from '@bellhop/core'
import { ago } from './listing.ts'
import type { Paper } from './row-lines.ts'
import { printable, type Styles } from './terminal.ts'

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

/** A session in a line or two: how it stands, what it is called, where, and what it does now. */
export const headOf = (session: Session, { styles, columns, nowMs }: Paper): string[] => {
  const { title, project, branch, statusAt } = session
  const place = [project, branch].filter((part) => part !== null).join(' · ')
  const head = [
    statusWord(session, styles),
    styles.strong(printable(title ?? 'Untitled', 60)),
    styles.faint(printable(place, 60)),
    styles.faint(ago(statusAt, nowMs)),
  ]
  const now = printable(nowLine(session), columns - 4)
  return [head.filter((part) => part !== '').join('  '), ...(now === '' ? [] : [`  ${now}`])]
}
