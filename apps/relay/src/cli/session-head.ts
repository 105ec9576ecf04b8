import type { Session } from '@bellhop/core'
import { ago } from './listing.ts'
import type { Paper } from './row-lines.ts'
import { nowLine, statusWord } from './sessions.ts'
import { printable } from './terminal.ts'

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
