import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandOf, EventDraft, SessionId } from '@bellhop/core'
import { keepHeapSmall } from '../../apps/relay/src/small-heap.ts'
import { createScriptedSource } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'

/** What the benchmark of agents asks of the relay’s process. */
export type AgentOrder = { do: 'place' } | { do: 'turns' } | { do: 'stop' }

export type AgentPlace = {
  origin: string
  dataDir: string
  /** A session with a long conversation. */
  long: SessionId
  /** One that answers what it is told. */
  answering: SessionId
}

/** So long a turn takes by itself, about. */
const TURN_MS = 20
const EVENTS = 2_000
const SESSIONS = 50

// As `bellhop up` does.
keepHeapSmall()
const many = { perAgent: 100_000, perSession: 100_000 }
const running = await startRelay({
  source: createScriptedSource(),
  // What the relay answers is checked against its schema in tests only.
  overrides: { agentBounds: many, checkAnswers: false },
})
const { source } = running
const long = await source.start('long')
const answering = await source.start('answering')
for (let at = 0; at < SESSIONS; at++) await source.start(`other ${at}`)

/** A conversation as it is: words, a call, its output, words. */
const drafts = (at: number): EventDraft[] => {
  const about = { sessionId: long, at: new Date().toISOString() }
  const output = `${at} `.repeat(300)
  const tool = { kind: 'shell', name: 'Bash', command: `pnpm test part-${at}` } as const
  return [
    { ...about, dedupeKey: `u${at}`, type: 'turn.started' },
    {
      ...{ ...about, dedupeKey: `p${at}`, type: 'message.person', messageId: `p${at}` },
      ...{ text: `Look at part ${at}, please.`, from: 'person' },
    },
    { ...about, dedupeKey: `s${at}`, type: 'tool.started', toolCallId: `t${at}`, tool },
    {
      ...{ ...about, dedupeKey: `e${at}`, type: 'tool.ended', toolCallId: `t${at}` },
      ...{ outcome: 'ok', result: { text: output } },
    },
    {
      ...{ ...about, dedupeKey: `a${at}`, type: 'message.agent', messageId: `a${at}` },
      text: `Part ${at} is **fine**. ${'It builds and it passes. '.repeat(12)}`,
    },
    { ...about, dedupeKey: `f${at}`, type: 'turn.ended', outcome: 'finished' },
  ]
}
for (let at = 0; at * 6 < EVENTS; at++) await source.sayAll(drafts(at))

/** How long each turn took by itself: from when the session had the message to the end it told. */
const turnsMs: number[] = []
const play = async ({ sessionId, commandId, text }: CommandOf<'prompt'>) => {
  const startedMs = performance.now()
  await source.say(sessionId, 'turn.started')
  const said = { messageId: commandId, text, from: 'person', causedBy: commandId }
  await source.say(sessionId, 'message.person', said)
  await sleep(TURN_MS)
  await source.say(sessionId, 'message.agent', { messageId: `a ${commandId}`, text: 'Done.' })
  await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
  turnsMs.push(performance.now() - startedMs)
}
source.onPerform = async ({ command }) => {
  if (command.type === 'prompt') void play(command)
}

const run = async (order: AgentOrder): Promise<unknown> => {
  if (order.do === 'turns') return turnsMs.splice(0)
  if (order.do === 'stop') {
    await running[Symbol.asyncDispose]()
    return process.disconnect()
  }
  const { origin, dataDir } = running
  return { origin, dataDir, long, answering } satisfies AgentPlace
}

process.on('message', async ({ id, order }: { id: number; order: AgentOrder }) => {
  const answer = await run(order)
  if (process.connected) process.send?.({ id, answer })
})
process.send?.({ id: 0 })
