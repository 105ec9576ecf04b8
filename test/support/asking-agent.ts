import {
  type AGENT_SCOPES,
  agentTokenHash,
  type DeviceId,
  newAgentToken,
  newCommandId,
  type OpenPermission,
  type Receipt,
  type SessionId,
} from '@bellhop/core'
import { deviceKeyFrom, generateKeyPair } from '@bellhop/core/client'
import { deskOf } from './mcp-agent.ts'
import { startRelay, type TestRelay } from './start-relay.ts'
import { until } from './until.ts'
import { createVirtualPhone, type VirtualPhone, type Wish } from './virtual-phone.ts'

/** Over a restart a client may have to try several times. */
const PATIENCE_MS = 15_000

/** An agent as the relay knows it, which calls with a key of its own. */
export type AskingAgent = VirtualPhone & { readonly deviceId: DeviceId }

/** Lets an agent in; it asks first unless told otherwise. It follows. */
export const letAgentIn = async (
  { dataDir, origin }: Pick<TestRelay, 'dataDir' | 'origin'>,
  options: {
    name?: string
    scopes?: (typeof AGENT_SCOPES)[number][]
    asksFirst?: boolean
  } = {},
): Promise<AskingAgent> => {
  const { name = 'desktop', scopes = ['watch', 'answer', 'drive'], asksFirst = true } = options
  const key = await deviceKeyFrom(await generateKeyPair())
  const tokenHash = (await agentTokenHash(newAgentToken())) ?? ''
  const desk = await deskOf(dataDir, origin)
  const granted = { name, scopes, asksFirst, publicKey: key.publicKey, tokenHash }
  const { deviceId } = await desk.call('addAgent', granted)
  const agent = await createVirtualPhone({ origin, key })
  agent.follow()
  return Object.assign(agent, { deviceId })
}

/** The held command a phone shows. */
export const shownHeld = async (
  phone: VirtualPhone,
  fits: (wait: OpenPermission) => boolean = () => true,
) => phone.findWait((wait) => wait.ask.kind === 'agent' && fits(wait), PATIENCE_MS)

type Decision = Extract<Wish, { type: 'decide_permission' }>['decision']

/** Answers a permission as it is shown. */
export const answerShown = async (
  who: VirtualPhone,
  { session, wait }: Awaited<ReturnType<typeof shownHeld>>,
  decision: Decision = { behavior: 'allow' },
): Promise<Receipt> => {
  const { permissionId, ask } = wait
  return who.client.call('command', {
    type: 'decide_permission',
    commandId: newCommandId(),
    sessionId: session.sessionId,
    permissionId,
    shownHash: await who.shown(ask),
    decision,
  })
}

/** What came of a command, as everybody is told. */
export const outcomeOf = (who: VirtualPhone, { commandId }: Pick<Receipt, 'commandId'>) =>
  until(
    () =>
      who.events.find((event) => event.type === 'command.settled' && event.commandId === commandId),
    { what: 'the outcome of a command', timeoutMs: PATIENCE_MS },
  )

/** Has an agent say something. */
export const says = (who: VirtualPhone, sessionId: SessionId, text: string): Promise<Receipt> =>
  who.send({ type: 'prompt', sessionId, text })

/** A relay with a session, a phone, and an agent that asks first. */
export const beginAsking = async (options: Parameters<typeof letAgentIn>[1] = {}) => {
  const stack = new AsyncDisposableStack()
  const running = stack.use(await startRelay())
  const phone = stack.use(await running.phone())
  const agent = stack.use(await letAgentIn(running, options))
  const sessionId = await running.source.start('checkout')
  return {
    running,
    phone,
    agent,
    sessionId,
    source: running.source,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
