import { randomUUID } from 'node:crypto'
import type { OpenPermission } from '@bellhop/core'
import { hostileText, malformedRows, strangePayloads } from '../../session-api/hostile-payloads.ts'
import type { Fields } from '../../session-api/types.ts'
import type { PendingPrompt } from '../../session-api/worker-types.ts'
import type { VirtualPhone, Wish } from '../../support/virtual-phone.ts'
import type { Chance } from './soak-chance.ts'
import { type Marks, scriptTurn } from './soak-script.ts'
import type { SoakSeat, SoakStage } from './soak-stage.ts'

export interface Players {
  stage: SoakStage
  chance: Chance
  marks: Marks
}

/** What another client answers: the same as ours would, posted past the relay. */
const strangersAnswer = (prompt: PendingPrompt, chance: Chance): Fields => {
  if (chance.happens(0.3)) return { behavior: 'deny', message: 'Not from the other client.' }
  const { questions } = prompt.input
  const answers = Array.isArray(questions)
    ? { questions, answers: Object.fromEntries(questions.map((one) => [one.question, 'Blue'])) }
    : {}
  return { behavior: 'allow', updatedInput: { ...prompt.input, ...answers } }
}

const answerElsewhere = ({ chance }: Players, seat: SoakSeat, prompt: PendingPrompt) =>
  seat.session.receive(
    {
      type: 'control_response',
      uuid: randomUUID(),
      response: {
        subtype: 'success',
        request_id: prompt.requestId,
        response: strangersAnswer(prompt, chance),
      },
    },
    { family: 'code', platform: 'web_claude_ai' },
  )

const answerAtDesk = ({ chance }: Players, { worker }: SoakSeat) =>
  worker.answerAtDesk({ behavior: chance.happens(0.7) ? 'allow' : 'deny' })

/** How a phone answers what it shows. */
const wishFor = async (
  { chance, marks }: Players,
  phone: VirtualPhone,
  { id: sessionId }: SoakSeat,
  { permissionId, ask }: OpenPermission,
): Promise<Wish> => {
  const named = { sessionId, permissionId, shownHash: await phone.shown(ask) }
  const reason = `Rather not, ${marks.next()}.`
  switch (ask.kind) {
    case 'question':
      if (chance.happens(0.15))
        return { ...named, type: 'answer_question', answer: { kind: 'talk', text: reason } }
      return {
        ...named,
        type: 'answer_question',
        answer: {
          kind: 'answers',
          answers: ask.questions.map(({ question }) => ({ question, choices: ['Red'] })),
        },
      }
    case 'plan':
      return chance.happens(0.6)
        ? { ...named, type: 'decide_plan', decision: { behavior: 'approve' } }
        : { ...named, type: 'decide_plan', decision: { behavior: 'reject', reason } }
    case 'tool': {
      if (chance.happens(0.3))
        return {
          ...named,
          type: 'decide_permission',
          decision: { behavior: 'deny', reason, interrupt: chance.happens(0.3) },
        }
      const [offer] = ask.suggestions
      const suggestionIds = offer && chance.happens(0.05) ? [offer.suggestionId] : []
      return {
        ...named,
        type: 'decide_permission',
        decision: { behavior: 'allow', ...(suggestionIds.length > 0 && { suggestionIds }) },
      }
    }
    case 'agent':
    case 'unknown':
      throw new TypeError(`nobody asks that here: ${ask.kind}`)
  }
}

const answerOnPhone = async (players: Players, phone: VirtualPhone, seat: SoakSeat) => {
  if (!players.stage.isRelayUp) return
  const waits = phone.session(seat.id)?.waits ?? []
  const wait = players.chance.one(waits)
  if (wait) await players.stage.send(phone, await wishFor(players, phone, seat, wait))
}

const whoAnswers = {
  nobody: 6,
  phone: 8,
  desk: 3,
  elsewhere: 2,
  twoPhones: 2,
  phoneAndDesk: 2,
  phoneAndElsewhere: 2,
  deskAndElsewhere: 1,
}

/** Prompts that wait are answered by whoever is quickest. */
export const answerPrompts = async (players: Players): Promise<void> => {
  const { stage, chance } = players
  const [phone, tablet] = stage.phones
  await stage.phonesCaughtUp()
  for (const seat of stage.seats) {
    const prompt = seat.worker.pending
    const who = chance.weighed(whoAnswers)
    // What is gone at the desk and still on the phone is answered there all the same.
    if (who === 'phone' || who.startsWith('phone')) await answerOnPhone(players, phone, seat)
    if (who === 'twoPhones') {
      await answerOnPhone(players, phone, seat)
      await answerOnPhone(players, tablet, seat)
    }
    if (!prompt) continue
    if (chance.happens(0.5)) await stage.rig.pass(chance.between(0, 60))
    const isFirst = chance.happens(0.5)
    if (/desk/i.test(who) && isFirst && seat.worker.pending) answerAtDesk(players, seat)
    if (/elsewhere/i.test(who)) answerElsewhere(players, seat, prompt)
    if (/desk/i.test(who) && !isFirst && seat.worker.pending) answerAtDesk(players, seat)
  }
}

const talk = async (
  { stage, chance, marks }: Players,
  seat: SoakSeat,
  to: 'phone' | 'desk' | 'web' | 'peer',
) => {
  const { worker, session, id: sessionId } = seat
  const text = `Please do ${marks.next()}.`
  if (!worker.isRunning) worker.push(...scriptTurn(chance, marks))
  if (to === 'desk') {
    if (!worker.isRunning) worker.submit(text)
  } else if (to === 'phone') {
    const phone = chance.one(stage.phones)
    if (phone?.session(sessionId)) await stage.send(phone, { type: 'prompt', sessionId, text })
  } else
    session.receive(
      {
        type: 'user',
        uuid: randomUUID(),
        message: { role: 'user', content: text },
        parent_tool_use_id: null,
      },
      { family: 'code', platform: to === 'web' ? 'web_claude_ai' : undefined },
    )
}

const settings = async ({ stage, chance, marks }: Players, { id: sessionId }: SoakSeat) => {
  const phone = chance.one(stage.phones)
  if (!phone?.session(sessionId)) return
  const wish = chance.one<Wish>([
    { type: 'set_model', sessionId, model: chance.one(['opus', 'sonnet', 'haiku']) ?? null },
    { type: 'set_permission_mode', sessionId, mode: chance.happens(0.7) ? 'default' : 'plan' },
    { type: 'set_permission_mode', sessionId, mode: 'bypassPermissions' },
    { type: 'set_thinking', sessionId, tokens: 4_000 },
    { type: 'rename', sessionId, title: `Title ${marks.next()}` },
  ])
  if (wish) await stage.send(phone, wish)
}

const strange = ({ chance, marks }: Players, { session }: SoakSeat) => {
  if (chance.happens(0.4)) session.emitRaw(chance.one(malformedRows))
  // A result is a worker’s word that its turn is over, whatever kind it is of.
  const odd = strangePayloads.filter(({ type }) => type !== 'result')
  if (chance.happens(0.4)) session.emit({ uuid: randomUUID(), ...chance.one(odd) })
  if (chance.happens(0.3)) session.ephemeral({ type: 'system', subtype: 'thinking_tokens' })
  if (chance.happens(0.2)) session.emitBytes(': a comment\n\nevent: moon\ndata: {"a":\n\n')
  if (chance.happens(0.3))
    session.emit({
      type: 'assistant',
      uuid: randomUUID(),
      message: {
        id: `msg_${randomUUID()}`,
        role: 'assistant',
        content: [{ type: 'text', text: `${marks.next()} ${hostileText}` }],
      },
      parent_tool_use_id: null,
    })
}

/** Flags that say other than what is. */
const staleRow = ({ stage, chance }: Players, { session }: SoakSeat) =>
  stage.rig.api.faults.add(
    {
      kind: 'stale_row',
      fields: chance.happens(0.5)
        ? { worker_status: 'running', connection_status: 'connected' }
        : { worker_status: 'idle', connection_status: 'disconnected' },
    },
    { path: new RegExp(session.id), times: chance.between(1, 4) },
  )

const deeds = {
  phone: 9,
  desk: 6,
  web: 3,
  peer: 1,
  interrupt: 2,
  settings: 3,
  subagent: 1,
  away: 2,
  back: 4,
  restartWorker: 1,
  newEpoch: 1,
  strange: 3,
  stale: 2,
  noDeliveries: 1,
  look: 5,
  cut: 5,
  compact: 1,
  nothing: 6,
}

/** Somebody does something somewhere. */
export const doSomething = async (players: Players): Promise<void> => {
  const { stage, chance, marks } = players
  const seat = chance.one(stage.seats)
  if (!seat) return
  const deed = chance.weighed(deeds)
  switch (deed) {
    case 'phone':
      return stage.isRelayUp ? talk(players, seat, 'phone') : undefined
    case 'desk':
    case 'web':
    case 'peer':
      return talk(players, seat, deed)
    case 'interrupt': {
      const phone = chance.one(stage.phones)
      if (stage.isRelayUp && phone?.session(seat.id))
        await stage.send(phone, { type: 'interrupt', sessionId: seat.id })
      return
    }
    case 'settings':
      return stage.isRelayUp ? settings(players, seat) : undefined
    case 'subagent':
      if (!seat.worker.pending)
        seat.worker.askAsSubagent('Bash', { command: `sub ${marks.next()}` })
      return
    case 'away':
      seat.worker.goAway()
      seat.isAway = true
      return seat.session.set({ connection_status: 'disconnected' })
    case 'back':
      return comeBack(seat)
    case 'restartWorker':
      return stage.restartWorker(seat)
    case 'newEpoch':
      seat.session.epoch += 1
      return seat.session.cutStreams()
    case 'strange':
      return strange(players, seat)
    case 'stale':
      return void staleRow(players, seat)
    case 'noDeliveries':
      stage.rig.api.faults.add(
        { kind: 'no_deliveries' },
        { path: new RegExp(seat.session.id), times: chance.between(1, 6) },
      )
      return
    case 'look':
      return stage.isRelayUp ? stage.rig.look(stage.phones[0], seat.id) : undefined
    case 'cut':
      return seat.session.cutStreams()
    case 'compact':
      if (!seat.worker.isRunning) seat.worker.submit('/compact')
      return
    case 'nothing':
      return
  }
}

export const comeBack = (seat: SoakSeat): void => {
  if (!seat.isAway) return
  seat.isAway = false
  seat.session.set({ connection_status: 'connected' })
  seat.worker.comeBack()
}
