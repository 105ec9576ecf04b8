import { bareWords, type CommandOf, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { type McpAgent, startMcpAgent, type Way } from '../support/mcp-agent.ts'
import type { ScriptedSource } from '../support/scripted-source.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'

type Prompt = CommandOf<'prompt'>

const stdio: Way = { via: 'stdio', protocol: '2025-11-25' }
const http: Way = { via: 'http', protocol: '2026-07-28' }

const SESSIONS = 20
const WAITS = 100
const LIMIT_MS = 60_000

/** What a session says of one message: whatever else is under way in other sessions. */
const say = (source: ScriptedSource, { sessionId, commandId, text }: Prompt) => {
  const about = { commandId, causedBy: commandId }
  const said = { messageId: `p ${commandId}`, text, from: 'person', causedBy: commandId }
  const own = bareWords(text)
  return {
    begin: () => source.say(sessionId, 'turn.started'),
    person: () => source.say(sessionId, 'message.person', said),
    stage: (stage: string) => source.say(sessionId, 'command.progressed', { ...about, stage }),
    answer: async () => {
      for (const part of ['first', 'last']) {
        const words = { messageId: `${part} ${commandId}`, text: `${part} to ${own}` }
        await source.say(sessionId, 'message.agent', words)
      }
      await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
    },
  }
}

/** Plays the messages of a session one after the other, however they came. */
const inTurn = (play: (message: Prompt) => Promise<void>) => {
  const turns = new Map<SessionId, Promise<void>>()
  return (message: Prompt) => {
    const before = turns.get(message.sessionId) ?? Promise.resolve()
    turns.set(
      message.sessionId,
      before.then(() => play(message)),
    )
  }
}

/** How a source tells of messages. */
type Teller = {
  how: string
  tell(source: ScriptedSource): (message: Prompt) => Promise<void>
}

/** As the record of a program does. */
const asWorkedOn: Teller = {
  how: 'written down as they are worked on',
  tell: (source) => {
    const playOne = inTurn(async (message) => {
      const { begin, person, answer } = say(source, message)
      await begin()
      await person()
      await answer()
    })
    return async (message) => playOne(message)
  },
}

/** As a service does that keeps what waits. */
const storedFirst: Teller = {
  how: 'stored first, and worked on in their order',
  tell: (source) => {
    const playOne = inTurn(async (message) => {
      const { stage, begin, answer } = say(source, message)
      await stage('processing')
      await begin()
      await answer()
      await stage('processed')
    })
    return async (message) => {
      const { stage, person } = say(source, message)
      await stage('stored')
      await person()
      await stage('received')
      playOne(message)
    }
  },
}

const askAll = async ({ source }: TestRelay, agents: readonly McpAgent[]) => {
  const names = Array.from({ length: SESSIONS }, (_, at) => `many ${at}`)
  const sessions = await Promise.all(names.map((name) => source.start(name)))
  const answers = Array.from({ length: WAITS }, async (_, at) => {
    const sessionId = sessions[at % SESSIONS]
    const text = `message ${at}`
    const agent = agents[Math.floor(at / SESSIONS) % agents.length] as McpAgent
    const { value } = await agent.call('send_and_wait', { sessionId, text, timeoutS: 40 })
    return [value.sessionId ?? value.code, value.outcome ?? value.text, value.reply]
  })
  const own = Array.from({ length: WAITS }, (_, at) => [
    ...[sessions[at % SESSIONS], 'finished'],
    `first to message ${at}\n\nlast to message ${at}`,
  ])
  expect(await Promise.all(answers)).toEqual(own)
}

/** Has the relay's source tell of messages so. */
const play = ({ source }: TestRelay, { tell }: Teller) => {
  const told = tell(source)
  source.onPerform = async ({ command }) => {
    if (command.type === 'prompt') await told(command)
  }
}

test.each([
  { way: stdio, ...asWorkedOn },
  { way: http, ...storedFirst },
])(
  '[MC-4] [MC-6] a hundred waits of one agent over $way.via on twenty sessions each get their own answer: messages are $how',
  async ({ way, ...teller }) => {
    const agentBounds = { perAgent: WAITS, perSession: WAITS }
    await using relay = await startRelay({ overrides: { agentBounds } })
    await using agent = await startMcpAgent(relay, { way })
    play(relay, teller)
    await askAll(relay, [agent])
  },
  LIMIT_MS,
)

test(
  '[MC-4] [MC-6] [MC-7] a hundred waits of five agents, as many as they may at once, each get their own answer',
  async () => {
    await using relay = await startRelay()
    await using undo = new AsyncDisposableStack()
    const agents = await Promise.all(
      [http, http, stdio, http, stdio].map(async (way, at) =>
        undo.use(await startMcpAgent(relay, { way, name: `agent-${at}` })),
      ),
    )
    play(relay, storedFirst)
    await askAll(relay, agents)
  },
  LIMIT_MS,
)
