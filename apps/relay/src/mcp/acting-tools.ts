import {
  type Command,
  newCommandId,
  type PermissionId,
  type PlaceId,
  type Receipt,
  type RequestOf,
  type SessionId,
} from '@bellhop/core'
import { sessionNow } from './session-history.ts'
import { sendSteadily } from './steady.ts'
import {
  flag,
  fromWhere,
  list,
  oneOf,
  record,
  type Tool,
  type ToolParts,
  text,
  tool,
} from './tool.ts'
import { ToolRefused } from './tool-refused.ts'

/** How long a relay that went away over a command is waited for. */
const SEND_LIMIT_MS = 10_000

const SESSION = { sessionId: text('From list_sessions.') }
const PROMPT = {
  ...SESSION,
  permissionId: text('From list_pending.'),
  shownHash: text('From list_pending, of the prompt as you saw it.'),
}

const receiptFields = {
  commandId: text('Names the command in the relay’s log.'),
  state: oneOf(
    'done: taken. pending: the session, or the person who is asked first, has not said yet. unconfirmed: handed on, and the session has not said in time. Do not send it again.',
    ['done', 'pending', 'unconfirmed'],
  ),
  text: text('What is to be known of it.'),
}
const receiptAlways = ['commandId', 'state'] as const

/** A receipt as a tool answers it; a refusal is thrown, with the relay’s code and sentence. [MC-3] */
export const receiptView = ({ commandId, state, code, text: said }: Receipt) => {
  if (state === 'refused') {
    throw new ToolRefused(code ?? 'source_refused', said ?? 'The session did not take it.')
  }
  return { commandId, state, ...(said !== undefined && { text: said }) }
}

/** A command without what every command carries. */
type Wish = Command extends infer One
  ? One extends Command
    ? Omit<One, 'commandId'>
    : never
  : never

/** Sends a command, over a relay that goes and comes back. */
const send = async ({ link }: ToolParts, wish: Wish, signal: AbortSignal) => {
  const command = { ...wish, commandId: newCommandId() } as Command
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SEND_LIMIT_MS)])
  return receiptView(await sendSteadily(link, command, limit))
}

const sendMessage = tool<{ sessionId: SessionId; text: string }>(
  'send_message',
  {
    title: 'Send a message',
    description:
      'Sends a message to a session’s agent and does not wait for the reply; send_and_wait does. The session and everyone who follows it see that you sent it. Needs scope drive.',
    kind: 'act',
    input: { ...SESSION, text: text('The message.') },
    required: ['sessionId', 'text'],
    output: {
      ...receiptFields,
      commandId: text('Names the message: wait_for with it waits for the end of its turn.'),
      cursor: text('The place before the message: goes into `after` of wait_for.'),
    },
    always: [...receiptAlways, 'cursor'],
  },
  async (parts, { sessionId, text: words }, { signal }) => {
    const session = await sessionNow(parts.link, sessionId, signal)
    const said = { sessionId: session.sessionId, text: words, ...fromWhere(parts) }
    const receipt = await send(parts, { type: 'prompt', ...said }, signal)
    return { ...receipt, cursor: session.cursor }
  },
)

type PromptArgs = { sessionId: SessionId; permissionId: PermissionId; shownHash: string }

const answerPermission = tool<
  PromptArgs & {
    decision: 'allow' | 'deny'
    reason?: string
    input?: Extract<
      Extract<Command, { type: 'decide_permission' }>['decision'],
      { behavior: 'allow' }
    >['input']
    suggestionIds?: string[]
    careful?: boolean
    mode?: string
  }
>(
  'answer_permission',
  {
    title: 'Answer a permission or a plan',
    description:
      'Answers a prompt of kind tool or plan, exactly as list_pending showed it: allow lets the tool run or approves the plan, deny stops it or sends the plan back. Needs scope answer.',
    kind: 'act',
    input: {
      ...PROMPT,
      decision: oneOf('Whether it may go on.', ['allow', 'deny']),
      reason: text('With deny: why, for the session’s agent to read.'),
      input: {
        type: 'object',
        description: 'With allow: the whole input to run instead of the one asked.',
      },
      suggestionIds: list(
        text('A suggestionId.'),
        'With allow: standing rules to take along, of `ask.suggestions`. Only with a person’s yes.',
      ),
      careful: flag('True where `ask.careful` is: says that you looked at it with care.'),
      mode: text('Of a plan: one of `ask.modes`, only with a person’s yes; the first if not said.'),
    },
    required: ['sessionId', 'permissionId', 'shownHash', 'decision'],
    output: receiptFields,
    always: receiptAlways,
  },
  async (parts, args, { signal }) => {
    const { permissionId, shownHash, decision, reason, input, suggestionIds } = args
    const { sessionId, waits } = await sessionNow(parts.link, args.sessionId, signal)
    const ask = waits.find((wait) => wait.permissionId === permissionId)?.ask
    if (ask?.kind === 'question') {
      throw new ToolRefused('invalid_request', 'This is a question. Answer it by answer_question.')
    }
    const answer = { sessionId, permissionId, shownHash, ...fromWhere(parts) }
    const why = reason === undefined ? {} : { reason }
    if (ask?.kind === 'plan') {
      const { mode } = args
      return send(
        parts,
        {
          type: 'decide_plan',
          ...answer,
          decision:
            decision === 'allow'
              ? { behavior: 'approve', ...(mode !== undefined && { mode }) }
              : { behavior: 'reject', ...why },
        },
        signal,
      )
    }
    if (decision === 'allow' && ask?.kind === 'tool' && ask.careful && args.careful !== true) {
      throw new ToolRefused(
        'careful_needed',
        'This is not to be allowed in passing. Look at it again and say `careful: true`, or leave it to a person.',
      )
    }
    return send(
      parts,
      {
        type: 'decide_permission',
        ...answer,
        decision:
          decision === 'allow'
            ? {
                behavior: 'allow',
                ...(input && { input }),
                ...(suggestionIds && { suggestionIds }),
              }
            : { behavior: 'deny', ...why },
      },
      signal,
    )
  },
)

const answerQuestion = tool<
  PromptArgs & {
    answers?: { question: string; choices?: string[]; text?: string }[]
    talk?: string
  }
>(
  'answer_question',
  {
    title: 'Answer a question',
    description:
      'Answers a prompt of kind question: all its questions in `answers`, in their order, or `talk` instead, to say something rather than choose. Needs scope answer.',
    kind: 'act',
    input: {
      ...PROMPT,
      answers: list(
        record(
          {
            question: text('The question as it was asked.'),
            choices: list(text('A label.'), 'The labels of what is chosen, as they stand there.'),
            text: text('Words beside or instead of a choice.'),
          },
          ['question'],
        ),
        'One per question.',
      ),
      talk: text('Instead of answers: what to say to the agent.'),
    },
    required: ['sessionId', 'permissionId', 'shownHash'],
    output: receiptFields,
    always: receiptAlways,
  },
  async (parts, { sessionId: asked, permissionId, shownHash, answers, talk }, { signal }) => {
    if (answers === undefined && talk === undefined) {
      throw new ToolRefused(
        'invalid_request',
        'Say `answers`, one per question, or `talk` instead.',
      )
    }
    const { sessionId, waits } = await sessionNow(parts.link, asked, signal)
    const kind = waits.find((wait) => wait.permissionId === permissionId)?.ask.kind
    if (kind === 'tool' || kind === 'plan') {
      throw new ToolRefused(
        'invalid_request',
        `This is no question but a ${kind}. Answer it by answer_permission.`,
      )
    }
    return send(
      parts,
      {
        type: 'answer_question',
        sessionId,
        permissionId,
        shownHash,
        ...fromWhere(parts),
        answer:
          answers === undefined
            ? { kind: 'talk', ...(talk && { text: talk }) }
            : {
                kind: 'answers',
                answers: answers.map(({ question, choices = [], text: words }) => ({
                  question,
                  choices,
                  ...(words !== undefined && { text: words }),
                })),
              },
      },
      signal,
    )
  },
)

const interrupt = tool<{ sessionId: SessionId }>(
  'interrupt',
  {
    title: 'Stop a turn',
    description:
      'Stops the turn a session’s agent is at; the session stays open. Needs scope drive.',
    kind: 'act',
    input: SESSION,
    required: ['sessionId'],
    output: receiptFields,
    always: receiptAlways,
  },
  async (parts, { sessionId: asked }, { signal }) => {
    const { sessionId } = await sessionNow(parts.link, asked, signal)
    return send(parts, { type: 'interrupt', sessionId }, signal)
  },
)

const placeSchema = record(
  {
    placeId: text('Names the place in start_session.'),
    title: text('What it is called.'),
    takesRepository: flag('Whether start_session has to name a repository.'),
    repositories: list(text('An address.'), 'Repositories used there before; others may do.'),
    choices: { type: 'object', description: 'What can be chosen there, such as models.' },
  },
  ['placeId', 'title', 'takesRepository', 'repositories', 'choices'],
)

const listPlaces = tool<object>(
  'list_places',
  {
    title: 'Where sessions can be started',
    description:
      'Lists the machines and cloud environments start_session can start a session in. Needs scope drive.',
    kind: 'read',
    input: {},
    output: { places: list(placeSchema, 'Places; none where sessions are started by hand alone.') },
    always: ['places'],
  },
  async ({ link }, _args, { signal }) => link.call('places', null, signal),
)

type StartArgs = Omit<RequestOf<'start'>, 'commandId' | 'placeId' | 'permissionMode'> & {
  placeId: PlaceId
}

const startSession = tool<StartArgs>(
  'start_session',
  {
    title: 'Start a session',
    description:
      'Starts a session with its first message, and does not wait for the reply. Not for an agent that has to ask a person first. Needs scope drive.',
    kind: 'act',
    input: {
      placeId: text('From list_places.'),
      text: text('The first message.'),
      title: text('What it is called in lists.'),
      repository: text('The repository it works on, where the place takes one.'),
      branch: text('The branch to start from.'),
      model: text('One of the place’s models.'),
    },
    required: ['placeId', 'text'],
    output: { sessionId: text('The new session.') },
    always: ['sessionId'],
  },
  async (parts, args, { signal }) => {
    const request = { ...args, ...fromWhere(parts), commandId: newCommandId() }
    return parts.link.call('start', request, signal)
  },
)

export const actingTools: readonly Tool[] = [
  sendMessage,
  answerPermission,
  answerQuestion,
  interrupt,
  listPlaces,
  startSession,
]
