import type { FaultPicker } from '../../session-api/faults.ts'
import { randomFaults } from '../../session-api/random-faults.ts'
import { type Chance, createChance } from './soak-chance.ts'
import { answerPrompts, comeBack, doSomething } from './soak-play.ts'
import { promptsOf } from './soak-prompts.ts'
import { createMarks } from './soak-script.ts'
import { openSoakStage, type SoakStage } from './soak-stage.ts'
import { findLies } from './soak-truth.ts'

const twoHoursMs = 2 * 3_600_000
const minuteMs = 60_000
const faultRate = 0.15

/** Chance for each place by itself, so that the order calls come in by accident changes nothing. */
const faultsFor = (seed: number): FaultPicker => {
  const pickers = new Map<string, FaultPicker>()
  return (place, request) => {
    const key = `${place} ${request.method} ${request.path.split('?')[0]}`
    const own = [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, seed)
    const picker = pickers.get(key) ?? randomFaults(own, faultRate)
    pickers.set(key, picker)
    return picker(place, request)
  }
}

/** Plays two hours of a person’s sessions while all sorts of things go wrong, and then some quiet. */
const playSoak = async (stage: SoakStage, seed: number, chance: Chance): Promise<void> => {
  const { rig } = stage
  const { api, time } = rig
  const players = { stage, chance, marks: createMarks() }
  for (const [at, kind] of (
    ['terminal', 'terminal', 'server', 'cloud', 'terminal'] as const
  ).entries())
    stage.addSeat(kind, `seat ${at}`)
  const faults = api.faults.pickWith(faultsFor(seed))
  const endMs = time.nowMs() + twoHoursMs
  let nextRestartMs = time.nowMs() + chance.between(5, 25) * minuteMs
  let nextLoginMs = time.nowMs() + chance.between(10, 50) * minuteMs
  while (time.nowMs() < endMs) {
    stage.retry()
    if (time.nowMs() > nextLoginMs) {
      nextLoginMs += chance.between(20, 60) * minuteMs
      api.rotateToken()
      await rig.pass(chance.between(0, 20_000))
      await rig.signIn()
    }
    if (time.nowMs() > nextRestartMs) {
      nextRestartMs += chance.between(10, 35) * minuteMs
      if (stage.isRelayUp) await stage.stopRelay()
      else await stage.startRelayAgain()
      if (!stage.isRelayUp) nextRestartMs = time.nowMs() + chance.between(0, 4) * minuteMs
    }
    await doSomething(players)
    await answerPrompts(players)
    await rig.pass(chance.between(200, 30_000))
  }
  // Everybody comes back, nothing goes wrong any more, and somebody looks.
  faults[Symbol.dispose]()
  api.faults.clear()
  if (!stage.isRelayUp) await stage.startRelayAgain()
  for (const seat of stage.seats) comeBack(seat)
  for (let round = 0; round < 4; round += 1) {
    stage.retry()
    await rig.pass(minuteMs)
  }
  for (const { id } of stage.seats) {
    await rig.look(stage.phones[0], id)
    await rig.pass(20_000)
  }
  await rig.pass(minuteMs)
  await stage.phonesCaughtUp()
}

/** How much there was to be wrong about. */
const playedIn = ({ seats, phones: [phone], commands }: SoakStage) => ({
  events: seats.reduce((sum, { session }) => sum + session.events.length, 0),
  rows: seats.reduce((sum, { id }) => sum + phone.rows(id).length, 0),
  answered: seats.flatMap(promptsOf).filter(({ winner }) => winner.who === 'client').length,
  atDesk: seats.flatMap(promptsOf).filter(({ winner }) => winner.who === 'desk').length,
  done: commands.filter(({ receipt }) => receipt?.state === 'done').length,
  refused: commands.filter(({ receipt }) => receipt?.state === 'refused').length,
})

/** One soak: what was told and is not so, how much was told at all, and how often what went wrong. */
export const runSoak = async (seed: number) => {
  const chance = createChance(seed)
  await using stage = await openSoakStage(chance)
  await playSoak(stage, seed, chance)
  const { struck } = stage.rig.api.faults
  return { lies: await findLies(stage), played: playedIn(stage), struck }
}
