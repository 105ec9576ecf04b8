import type { Session } from '@bellhop/core'
import { CommandFailed } from './explain.ts'
import { printable } from './terminal.ts'

const NAMED_MAX = 6

const named = (sessions: readonly Session[]): string => {
  const words = sessions
    .slice(0, NAMED_MAX)
    .map(({ sessionId, title }) => `${sessionId} (${printable(title ?? 'Untitled', 40)})`)
  const more = sessions.length - words.length
  return [...words, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

/**
 * The one session a person means: by its id, by the beginning of it with or without `ses_`, or by a
 * part of its title. Throws a sentence with the candidates when several fit or none does. Pure.
 */
export const findSession = (sessions: readonly Session[], wanted: string): Session => {
  const lower = wanted.toLowerCase()
  const shown = sessions.filter(({ joinedTo }) => joinedTo === undefined)
  const titled = (fits: (title: string) => boolean) =>
    shown.filter(({ title }) => title !== null && fits(title.toLowerCase()))
  // The narrowest way of naming that anything fits is the one that was meant.
  const ways = [
    () => sessions.filter(({ sessionId }) => sessionId === wanted),
    () => titled((title) => title === lower),
    () =>
      sessions.filter(
        ({ sessionId }) => sessionId.startsWith(wanted) || sessionId.startsWith(`ses_${wanted}`),
      ),
    () => titled((title) => title.includes(lower)),
  ]
  const fits = wanted === '' ? [] : (ways.map((way) => way()).find((one) => one.length > 0) ?? [])
  const [one] = fits
  if (fits.length > 1) {
    throw new CommandFailed(
      `Several sessions fit ${printable(wanted, 60)}: ${named(fits)}. Say more of it.`,
    )
  }
  if (one) return sessions.find(({ sessionId }) => sessionId === one.joinedTo) ?? one
  const running = shown.filter(({ status }) => status !== 'ended')
  const there = running.length > 0 ? `There are ${named(running)}.` : 'None runs now.'
  throw new CommandFailed(`No session fits ${printable(wanted, 60)}. ${there}`)
}
