import { setTimeout as sleep } from 'node:timers/promises'
import { RelayError, type SourceId } from '@bellhop/core'
import type { Clock } from '../../clock.ts'
import type { SessionSource } from '../../sessions/session-source.ts'
import { createPlayer, type Player } from './player.ts'
import { readScenario } from './read-scenario.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { sessionIdOf } from './script.ts'

export type SimulatedParts = {
  clock: Clock
  /** The machine the sessions seem to run on. */
  machine?: string
  /** Scenarios as their files hold them; the demo's own when absent. */
  scenarios?: readonly unknown[]
  /** 1 is a person's pace, 10 is ten times as fast. */
  speed?: number
  /** Waits; rejects when the signal aborts. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * Plays sessions out of scenario files, for looking around without an agent. They react to answers,
 * messages and interruptions as an agent would. Throws `config_invalid` when a scenario does not fit.
 */
export const createSimulatedSource = (parts: SimulatedParts): SessionSource => {
  const { clock, machine = 'desk', speed = 1 } = parts
  const scenarios = (parts.scenarios ?? SCENARIOS).map(readScenario)
  const wait =
    parts.wait ?? (async (ms, signal) => void (await sleep(ms / speed, undefined, { signal })))
  const players = new Map<string, Player>()
  return {
    manifest: { sourceId: 'simulated' as SourceId, title: 'demo' },
    run: async (sink, signal) => {
      players.clear()
      for (const scenario of scenarios) {
        const player = await createPlayer({ scenario, sink, machine, clock, wait })
        players.set(sessionIdOf(scenario.name), player)
      }
      const count = scenarios.length
      sink.health({
        state: 'ok',
        text: `${count} ${count === 1 ? 'session' : 'sessions'}, made up`,
      })
      try {
        await Promise.all([...players.values()].map((player) => player.play(signal)))
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
    perform: async (command) => {
      const player = players.get(command.command.sessionId)
      if (!player) throw new RelayError('source_unreachable')
      await player.perform(command)
    },
  }
}
