import {
  bareWords,
  type CommandId,
  type CommandOf,
  type CommandStage,
  type EventDraft,
  isAnswer,
  type PermissionId,
  RelayError,
} from '@bellhop/core'
import { type Clock, isoTime } from '../../clock.ts'
import type { SourceCommand, SourceSink } from '../../sessions/session-source.ts'
import { createAsking, orAborted } from './asking.ts'
import type { Scenario, Step } from './scenario.ts'
import { createScript } from './script.ts'
import { createSteps, type Tell, type Turn } from './steps.ts'
import { createVoice, type Wait } from './voice.ts'

/** Plays one scenario as one session, and does what it is asked. */
export interface Player {
  /** Plays until aborted. */
  play(stop: AbortSignal): Promise<void>
  perform(command: SourceCommand): Promise<void>
}

export type PlayerParts = {
  scenario: Scenario
  sink: SourceSink
  machine: string
  clock: Clock
  wait: Wait
}

/** Times a scenario is played again by itself. */
const ROUNDS = 20

export const createPlayer = async (parts: PlayerParts): Promise<Player> => {
  const { scenario, sink, clock, wait } = parts
  const { name } = scenario
  const round = Number((await sink.checkpoint(`round ${name}`)) ?? 0) + 1
  await sink.saveCheckpoint(`round ${name}`, String(round))
  const at = () => isoTime(clock.nowMs())
  const script = createScript({ name, round: `${round}`, at })
  const { sessionId } = script
  const voice = createVoice({ sink, sessionId, clock, wait })

  const tell: Tell = (...drafts) => sink.append(drafts)
  const progress = (commandId: CommandId, stage: CommandStage) =>
    script.draft('command.progressed', { commandId, stage, causedBy: commandId })

  let stopTurn: AbortController | undefined
  let inTurn = false
  let repliesGiven = 0
  const messages: Pick<CommandOf<'prompt'>, 'commandId' | 'text'>[] = []
  let wake = () => {}

  const turn: Turn = {
    begin: async () => {
      if (inTurn) return
      inTurn = true
      await sink.saveCheckpoint(`turn ${name}`, 'open')
      await tell(script.draft('turn.started', {}))
    },
    end: async (draft) => {
      inTurn = false
      await tell(draft)
      await sink.saveCheckpoint(`turn ${name}`, 'over')
    },
    interrupt: () => stopTurn?.abort(),
    isInterrupted: () => stopTurn?.signal.aborted ?? false,
  }
  const asking = createAsking({ script, tell, isInterrupted: turn.isInterrupted })
  const playAll = createSteps({
    ...{ script, tell, voice, asking, turn, wait },
    cwd: scenario.session.cwd,
  })

  /** Plays steps as a turn that can be interrupted, and ends it when they do not. */
  const playTurn = async (
    steps: readonly Step[],
    stop: AbortSignal,
    words: readonly string[] = [],
  ): Promise<void> => {
    stopTurn = new AbortController()
    const { signal } = stopTurn
    try {
      await playAll(steps, { words, signal: AbortSignal.any([signal, stop]) })
      if (inTurn) await turn.end(script.draft('turn.ended', { outcome: 'finished' }))
    } catch (error) {
      if (stop.aborted || !signal.aborted) throw error
      if (inTurn) await turn.end(script.draft('turn.ended', { outcome: 'interrupted' }))
    } finally {
      stopTurn = undefined
    }
  }

  /** Answers messages until it is time to play again. */
  const idle = async (untilMs: number, stop: AbortSignal): Promise<void> => {
    for (;;) {
      const message = messages.shift()
      if (message === undefined) {
        const news = new Promise<void>((resolve) => {
          wake = resolve
        })
        const over = new AbortController()
        const signal = AbortSignal.any([stop, over.signal])
        const again = untilMs === Infinity ? undefined : wait(untilMs, signal).catch(() => {})
        const first = await orAborted(
          Promise.race([news, ...(again ? [again.then(() => 'again' as const)] : [])]),
          stop,
        )
        over.abort()
        if (first === 'again') return
        continue
      }
      const { replies } = scenario
      const reply = replies[repliesGiven++ % replies.length] ?? []
      await tell(progress(message.commandId, 'processing'))
      await turn.begin()
      await playTurn(reply, stop, [message.text])
    }
  }

  const begin = async (): Promise<void> => {
    const known = (await sink.openSessions()).find((one) => one.sessionId === sessionId)
    await tell(...pastOf(scenario, parts.machine, clock.nowMs()))
    // What was going on when the relay went down went down with it.
    const by = { kind: 'source' } as const
    for (const id of known?.permissionIds ?? []) {
      await tell(script.resolved(id as PermissionId, by, { outcome: 'withdrawn' }))
    }
    if (known && (await sink.checkpoint(`turn ${name}`)) === 'open') {
      await turn.end(script.draft('turn.ended', { outcome: 'interrupted' }))
    }
  }

  return {
    play: async (stop) => {
      await begin()
      for (let played = 0; ; ) {
        await playTurn(scenario.play, stop)
        played += 1
        const { againAfterMs } = scenario
        await idle(played < ROUNDS && againAfterMs !== undefined ? againAfterMs : Infinity, stop)
      }
    },
    perform: async ({ command, by }) => {
      const { commandId } = command
      if (command.type === 'prompt') {
        const { text } = command
        await tell(
          // It waits for its turn, and says so: others may be ahead of it.
          progress(commandId, 'received'),
          script.draft('message.person', {
            messageId: script.newId(),
            text,
            from: 'person',
            causedBy: commandId,
            ...(by.kind === 'device' && { deviceName: by.name }),
          }),
        )
        messages.push({ commandId, text: bareWords(text) })
        wake()
        return
      }
      if (command.type === 'interrupt') {
        if (!stopTurn || !inTurn) throw new RelayError('source_refused')
        turn.interrupt()
        return
      }
      if (!isAnswer(command)) {
        throw new RelayError('not_supported', { capability: command.type })
      }
      await asking.answer(command, by)
    },
  }
}

/** What had happened before, spread over the time since the session began. */
const pastOf = (scenario: Scenario, machine: string, nowMs: number): EventDraft[] => {
  const { name, before, session, startedMinutesAgo } = scenario
  const startedMs = nowMs - startedMinutesAgo * 60_000
  let told = 0
  const at = () => isoTime(startedMs + (told / (before.length + 1)) * startedMinutesAgo * 60_000)
  const script = createScript({ name, round: 'before', at })
  const drafts = [script.started(session, machine)]
  for (const step of before) {
    told += 1
    drafts.push(...script.plain(step))
    if (step.do === 'person') drafts.push(script.draft('turn.started', {}))
  }
  return drafts
}
