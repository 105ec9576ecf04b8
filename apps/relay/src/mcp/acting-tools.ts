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
    'done: taken. pending: the session has not said yet. unconfirmed: handed on, and the session has not said in time.',
    ['done', 'pending', 'unconfirmed'],
  ),
  text: text('What the session said of it.'),
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
      'Tells a session’s agent what to do, and does not wait for it. Everyone who follows the session sees who sent it. Needs scope drive.',
    kind: 'act',
    input: { ...SESSION, text: text('The message.') },
    required: ['sessionId', 'text'],
    output: {
      ...receiptFields,
      commandId: text('Names the message: wait_for with it waits for the end of its turn.'),
      cursor: text('The place before it.'),
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
      'Lets a tool call run or not, approves a plan or sends it back, exactly as list_pending showed it. Needs scope answer.',
    kind: 'act',
    input: {
      ...PROMPT,
      decision: oneOf('Whether it may go on.', ['allow', 'deny']),
      reason: text('What the agent is told with a no.'),
      input: { type: 'object', description: 'The whole input to run instead of the one asked.' },
      suggestionIds: list(
        text('An id.'),
        'Standing rules to take along, of those offered. Only with a person’s yes.',
      ),
      careful: flag('True says that a prompt marked careful was looked at with care.'),
      mode: text(
        'For a plan: one of the modes offered, with a person’s yes; the first if not said.',
      ),
    },
    required: ['sessionId', 'permissionId', 'shownHash', 'decision'],
    output: receiptFields,
    always: receiptAlways,
  },
  async (parts, args, { signal }) => {
    const { permissionId, shownHash, decision, reason, input, suggestionIds } = args
    const { sessionId, waits } = await sessionNow(parts.link, args.sessionId, signal)
    const ask = waits.find((wait) => wait.permissionId === permissionId)?.ask
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
      'Answers all questions of one prompt in their order, or says to talk first. Needs scope answer.',
    kind: 'act',
    input: {
      ...PROMPT,
      answers: list(
        record(
          {
            question: text('The question as it was asked.'),
            choices: list(text('A label.'), 'Labels of what is chosen.'),
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
      throw new ToolRefused('invalid_request', 'Say the answers, or what to talk about.')
    }
    const { sessionId } = await sessionNow(parts.link, asked, signal)
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
    description: 'Stops what a session’s agent does; the session stays open. Needs scope drive.',
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

const listPlaces = tool<object>(
  'list_places',
  {
    title: 'Where sessions can be started',
    description: 'Machines and cloud environments for start_session. Needs scope drive.',
    kind: 'read',
    input: {},
    output: { places: list({ type: 'object' }, 'Places, each with its placeId.') },
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
    description: 'Starts a session with its first message. Needs scope drive.',
    kind: 'act',
    input: {
      placeId: text('From list_places.'),
      text: text('The first message.'),
      title: text('What it is about.'),
      repository: text('One of the place’s repositories, where it takes one.'),
      branch: text('The branch to start from.'),
      model: text('One of the place’s models.'),
    },
    required: ['placeId', 'text'],
    output: { sessionId: SESSION.sessionId },
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
