import { text as readAll } from 'node:stream/consumers'
import {
  type Cursor,
  newCommandId,
  type Receipt,
  type Session,
  type SessionId,
  shownHash,
} from '@bellhop/core'
import type { RelayClient } from '@bellhop/core/client'
import { askLines } from './ask-lines.ts'
import { type Call, type Command, isTyped, typedNumber } from './command.ts'
import { EXIT, EXIT_WORDS, EXIT_WORDS_MORE } from './exit-codes.ts'
import { UsageError } from './explain.ts'
import { findSession } from './find-session.ts'
import { openRelayLink } from './relay-link.ts'
import { safeLines } from './safe-lines.ts'
import { exitOf, sayReceipt, sendCommand } from './send-command.ts'
import { stopSignal } from './stop-signal.ts'
import { printable, type Terminal } from './terminal.ts'
import { type Reply, waitForReply } from './wait-for-reply.ts'

/** The words behind a command’s name, or with `-` what comes on the standard input. */
export const wordsOrInput = async ({ terminal }: Call, words: readonly string[]) => {
  const said =
    words.length === 1 && words[0] === '-' ? await readAll(terminal.input) : words.join(' ')
  if (said.trim() === '') throw new UsageError('There is nothing to say.')
  return said.replace(/\n$/, '')
}

/** Says something to a session, and with --wait brings back what came of it. */
export const sendCommandLine: Command = {
  name: 'send',
  takes: '<session> <words|->',
  wordsMin: 2,
  wordsMax: 1_000,
  places: [['@sessions']],
  does: 'Says something to a session; - reads standard input.',
  options: { wait: { type: 'boolean' }, timeout: { type: 'string' } },
  means: {
    wait: 'wait for the end of the turn and print the reply',
    timeout: 'how long to wait; 600 unless told otherwise',
    'timeout<>': 'seconds',
  },
  notes: [
    'Behind -- words may begin with a dash. Waiting outlasts a restart of the relay.',
    '--json: {outcome, sessionId, commandId, reply?, prompt?, code?, text?}.',
    'With --wait outcome is finished, failed, interrupted, ended, refused, blocked or',
    'timed_out; without it done, refused, pending or unconfirmed.',
    EXIT_WORDS,
    EXIT_WORDS_MORE,
  ],
  run: async (call) => {
    const { terminal, config, typed, words } = call
    const timeoutS = typedNumber(typed, 'timeout', { usual: 600, min: 1, max: 86_400 })
    const client = await openRelayLink(config)
    const { sessions, cursor } = await client.call('sessions', null)
    const session = findSession(sessions, words[0] ?? '')
    const said = await wordsOrInput(call, words.slice(1))
    if (isTyped(typed, 'wait')) {
      return sendAndWait(call, client, { session, cursor, said, timeoutS })
    }
    const { sessionId } = session
    const command = { type: 'prompt', commandId: newCommandId(), sessionId, text: said } as const
    const receipt = await sendCommand(client, command)
    if (!isTyped(typed, 'json')) return sayReceipt(terminal, receipt, 'Sent.')
    const { state: outcome, ...rest } = receipt
    terminal.json({ outcome, sessionId, ...rest })
    return exitOf(receipt)
  },
}

const sendAndWait = async (
  { terminal, typed }: Call,
  client: RelayClient,
  sent: { session: Session; cursor: Cursor; said: string; timeoutS: number },
): Promise<number> => {
  const { session, cursor, said, timeoutS } = sent
  const { sessionId } = session
  const commandId = newCommandId()
  using stop = stopSignal()
  const signal = AbortSignal.any([stop.controller.signal, AbortSignal.timeout(timeoutS * 1_000)])
  const ids = { commandId, text: said }
  const waiting = waitForReply({ client, session, after: cursor, sent: ids, signal })
  // A failure here is told below; a waiting that nobody awaits any more must not fail unheard.
  waiting.reply.catch(() => {})
  const command = { type: 'prompt', commandId, sessionId, text: said } as const
  const receipt = await sendCommand(client, command, { signal }).catch((error: unknown) => {
    if (signal.aborted) return { commandId, state: 'pending' } as Receipt
    stop.controller.abort()
    throw error
  })
  waiting.settled(receipt)
  const reply = await waiting.reply
  if (isTyped(typed, 'json')) terminal.json(await replyJson({ sessionId, commandId }, reply))
  else sayReply(terminal, session, reply, { timeoutS, wasStopped: stop.controller.signal.aborted })
  return EXITS[reply.end.outcome]
}

const EXITS: Record<Reply['end']['outcome'], number> = {
  finished: EXIT.done,
  failed: EXIT.notDone,
  interrupted: EXIT.notDone,
  ended: EXIT.notDone,
  refused: EXIT.notDone,
  blocked: EXIT.blocked,
  timed_out: EXIT.timedOut,
}

const replyJson = async (ids: { sessionId: SessionId; commandId: string }, reply: Reply) => {
  const { end, messages } = reply
  return {
    outcome: end.outcome,
    ...ids,
    reply: messages.join('\n\n'),
    ...('error' in end && { text: end.error }),
    ...('code' in end && { code: end.code, text: end.text }),
    ...('wait' in end && { prompt: { ...end.wait, shownHash: await shownHash(end.wait.ask) } }),
  }
}

const sayReply = (
  terminal: Terminal,
  session: Session,
  { end, messages }: Reply,
  how: { timeoutS: number; wasStopped: boolean },
): void => {
  const { bad, faint } = terminal.styles
  messages.forEach((message, at) => {
    if (at > 0) terminal.line()
    for (const line of safeLines(message, terminal.columns())) terminal.line(line)
  })
  const tell = (line: string) => void terminal.error.write(`${line}\n`)
  if (end.outcome === 'blocked') {
    tell(bad('The session waits for an answer:'))
    for (const line of askLines(end.wait.ask, terminal.styles)) terminal.line(line)
    tell(faint(`To answer: bellhop answer ${session.sessionId}`))
    return
  }
  const sentence = endWords(end, how)
  if (end.outcome !== 'finished') tell(bad(sentence))
  else if (messages.length === 0) tell(faint(sentence))
}

const endWords = (
  end: Exclude<Reply['end'], { outcome: 'blocked' }>,
  { timeoutS, wasStopped }: { timeoutS: number; wasStopped: boolean },
): string => {
  switch (end.outcome) {
    case 'finished':
      return 'It finished without a word.'
    case 'failed':
      return `The turn failed. ${printable(end.error, 1_000)}`
    case 'interrupted':
      return 'It was stopped before it had finished.'
    case 'ended':
      return 'The session ended before it had finished.'
    case 'refused':
      return `Not done. ${printable(end.text, 1_000)}`
    case 'timed_out':
      return wasStopped
        ? 'The waiting was stopped; what was sent stays sent.'
        : `No end after ${timeoutS} s. What was sent stays sent.`
  }
}
