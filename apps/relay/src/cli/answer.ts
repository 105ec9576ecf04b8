import { type OpenPermission, type Session, shownHash } from '@bellhop/core'
import { askLines } from './ask-lines.ts'
import { type Command, isTyped, type Typed, typedNumber, typedText, typedTexts } from './command.ts'
import { confirmAnswer } from './confirm-answer.ts'
import { EXIT, EXIT_WORDS, EXIT_WORDS_MORE } from './exit-codes.ts'
import { CommandFailed, UsageError } from './explain.ts'
import { findSession } from './find-session.ts'
import { ago } from './listing.ts'
import { decidesNothing, makeAnswer, type TypedAnswer } from './make-answer.ts'
import { openRelayLink } from './relay-link.ts'
import { exitOf, sayReceipt, sendCommand } from './send-command.ts'
import { printable, type Terminal } from './terminal.ts'

const WORDS = ['allow', 'deny', 'approve', 'reject', 'talk'] as const

/** Shows what a session asks, and answers it. */
export const answerCommand: Command = {
  name: 'answer',
  takes: '<session> [answer]',
  wordsMin: 1,
  wordsMax: 2,
  places: [['@sessions'], WORDS],
  does: 'Shows exactly what a session asks, and answers it.',
  options: {
    choose: { type: 'string', multiple: true },
    reason: { type: 'string' },
    always: { type: 'boolean' },
    rule: { type: 'string' },
    mode: { type: 'string' },
    shown: { type: 'string' },
    yes: { type: 'boolean' },
  },
  means: {
    choose: 'a number, a label or =own words; once per question',
    'choose<>': 'choice',
    reason: 'what the agent is told with a no, or with talk',
    'reason<>': 'words',
    always: 'allow, and take along the rule that is offered',
    rule: 'the same where several rules are offered',
    'rule<>': 'number',
    mode: 'approve a plan into this permission mode',
    'mode<>': 'mode',
    shown: 'answer only what has this hash, as --json shows it',
    'shown<>': 'hash',
    yes: 'do not ask whether to go on',
  },
  notes: [
    `An answer is ${WORDS.join(', ')}, or --choose for questions.`,
    'Without one it only shows what is asked, oldest first, and exits with 3.',
    '--json: {outcome, sessionId, prompts?, permissionId?, code?, text?}.',
    EXIT_WORDS,
    EXIT_WORDS_MORE,
  ],
  run: async ({ terminal, config, typed, words }) => {
    const isJson = isTyped(typed, 'json')
    const answer = readAnswer(typed, words[1])
    const client = await openRelayLink(config)
    const { sessions } = await client.call('sessions', null)
    const session = findSession(sessions, words[0] ?? '')
    const { sessionId } = session
    const wait = await chooseWait(session, typedText(typed, 'shown'))
    if (!wait && decidesNothing(answer)) return sayNothingAsked(terminal, session, isJson)
    if (decidesNothing(answer)) return show(terminal, session, isJson)
    if (!wait) throw new CommandFailed(nothingAsked(session))
    const { command, verb, done } = await makeAnswer(sessionId, wait, answer)
    if (!isJson) sayWait(terminal, session, wait)
    if (!isTyped(typed, 'yes') && !(await confirmAnswer(terminal, verb))) {
      throw new CommandFailed('Nothing was answered.')
    }
    const receipt = await sendCommand(client, command)
    if (!isJson) return sayReceipt(terminal, receipt, done)
    const { state: outcome, ...rest } = receipt
    terminal.json({ outcome, sessionId, permissionId: wait.permissionId, ...rest })
    return exitOf(receipt)
  },
}

const readAnswer = (typed: Typed, word: string | undefined): TypedAnswer => {
  if (word !== undefined && !(WORDS as readonly string[]).includes(word)) {
    throw new UsageError(`${printable(word, 40)} is no answer; there is ${WORDS.join(', ')}.`)
  }
  const rule = typedText(typed, 'rule')
  return {
    word,
    reason: typedText(typed, 'reason'),
    choose: typedTexts(typed, 'choose'),
    rule:
      rule === undefined
        ? isTyped(typed, 'always')
          ? 0
          : undefined
        : typedNumber(typed, 'rule', { usual: 1, min: 1, max: 50 }),
    mode: typedText(typed, 'mode'),
  }
}

/** What is answered: the oldest, or what was shown before, and nothing else in its place. [I11] */
const chooseWait = async (
  { waits }: Session,
  shown: string | undefined,
): Promise<OpenPermission | undefined> => {
  if (shown === undefined) return waits[0]
  for (const wait of waits) if ((await shownHash(wait.ask)) === shown) return wait
  throw new CommandFailed('What was shown is no longer asked. Nothing was answered.')
}

const nothingAsked = ({ title, status }: Session) =>
  `${printable(title ?? 'It', 60)} asks nothing${status === 'ended' ? '; it has ended' : ' now'}.`

const sayNothingAsked = (terminal: Terminal, session: Session, isJson: boolean): number => {
  if (isJson) terminal.json({ outcome: 'nothing_asked', sessionId: session.sessionId, prompts: [] })
  else terminal.line(nothingAsked(session))
  return EXIT.done
}

const sayWait = (terminal: Terminal, session: Session, wait: OpenPermission): void => {
  const { styles } = terminal
  const place = session.waits.indexOf(wait) + 1
  const { length } = session.waits
  const facts = [
    printable(session.title ?? 'Untitled', 60),
    ago(wait.askedAt, Date.now()),
    ...(length > 1 ? [`${place} of ${length}`] : []),
    ...(wait.subagent
      ? [`subagent ${printable(wait.subagent.description ?? wait.subagent.agentId, 60)}`]
      : []),
  ]
  terminal.line(styles.faint(facts.join(' · ')))
  for (const line of askLines(wait.ask, styles)) terminal.line(line)
}

const show = async (terminal: Terminal, session: Session, isJson: boolean): Promise<number> => {
  const { sessionId, waits } = session
  if (isJson) {
    const prompts = await Promise.all(
      waits.map(async ({ permissionId, ask, askedAt }) => ({
        ...{ permissionId, askedAt, shownHash: await shownHash(ask), ask },
      })),
    )
    terminal.json({ outcome: 'blocked', sessionId, prompts })
    return EXIT.blocked
  }
  waits.forEach((wait, at) => {
    if (at > 0) terminal.line()
    sayWait(terminal, session, wait)
  })
  return EXIT.blocked
}
