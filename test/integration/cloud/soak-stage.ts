import { type Command, newCommandId, type Receipt } from '@bellhop/core'
import { uuidFor } from '../../../apps/relay/src/sources/claude-cloud/commands/event-ids.ts'
import type { AddSessionOptions } from '../../session-api/types.ts'
import { createWorker } from '../../session-api/worker.ts'
import type { Worker, WorkerOptions } from '../../session-api/worker-types.ts'
import { type CloudRelay, type Seat, startCloudRelay } from '../../support/cloud-relay.ts'
import { until } from '../../support/until.ts'
import type { VirtualPhone, Wish } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'
import type { Chance } from './soak-chance.ts'

/** A session with whoever works at it, now and before. */
export interface SoakSeat extends Seat {
  /** Those that were killed; what they ran and heard counts as well. */
  readonly gone: Worker[]
  isAway: boolean
}

/** A command a phone has sent, and what it was told. */
export interface SentCommand {
  readonly command: Command
  readonly phone: VirtualPhone
  receipt?: Receipt
  /** It could not be handed in, so it is again, as the app does. */
  isOpen: boolean
}

export interface SoakStage extends AsyncDisposable {
  readonly rig: CloudRelay
  readonly seats: readonly SoakSeat[]
  /** Two phones of the same person. */
  readonly phones: readonly [VirtualPhone, VirtualPhone]
  readonly commands: readonly SentCommand[]
  readonly isRelayUp: boolean
  addSeat(kind: NonNullable<AddSessionOptions['kind']>, title: string): void
  /** The worker’s process ends and another takes its place; nobody asks any more what it had asked. */
  restartWorker(seat: SoakSeat): void
  /** Resolves when the command is on its way upstream, or was answered before. */
  send(phone: VirtualPhone, wish: Wish): Promise<void>
  /** Hands in again what could not be. */
  retry(): void
  stopRelay(): Promise<void>
  startRelayAgain(): Promise<void>
  /** Resolves when the phones have all that the relay has stored. */
  phonesCaughtUp(): Promise<void>
}

/** A command that has to wait its turn before it goes upstream is not waited for longer. */
const onItsWayMs = 100

/** Whether a call upstream carries the command. */
const isAbout = (body: unknown, command: Command): boolean => {
  const text = JSON.stringify(body) ?? ''
  return command.type === 'rename'
    ? text.includes(command.title)
    : ['message', 'answer', 'control'].some((use) => text.includes(uuidFor(command.commandId, use)))
}

const positionOf = (cursor: string | undefined): number => Number(cursor?.split('.').at(-1) ?? 0)

export const openSoakStage = async (chance: Chance): Promise<SoakStage> => {
  await using undo = new AsyncDisposableStack()
  const time = createVirtualTime()
  const rig = undo.use(
    await startCloudRelay({ time, random: chance.fork().random, api: { replayLimit: 60 } }),
  )
  const phone = async (name: string) =>
    undo.use(await rig.phone({ name, limits: { firstMs: 10, maxMs: 50 } }))
  const phones = [await phone('Ada’s phone'), await phone('Ada’s tablet')] as const
  const seats: SoakSeat[] = []
  const commands: SentCommand[] = []
  let isRelayUp = true

  const habits = (kind: AddSessionOptions['kind']): WorkerOptions => ({
    ...(kind && { kind }),
    stepMs: 400,
    storesEchoes: chance.happens(0.3),
    output: (name, input) => `${name} of ${JSON.stringify(input)}`,
  })
  const handIn = (sent: SentCommand) => {
    sent.isOpen = false
    sent.phone.client.call('command', sent.command).then(
      (receipt) => {
        sent.receipt = receipt
        sent.isOpen = receipt.state === 'pending'
      },
      () => {
        sent.isOpen = true
      },
    )
  }
  undo.defer(() => {
    for (const { worker, gone } of seats) for (const one of [worker, ...gone]) one[Symbol.dispose]()
  })
  const parts = undo.move()
  return {
    rig,
    seats,
    phones,
    commands,
    get isRelayUp() {
      return isRelayUp
    },
    addSeat: (kind, title) =>
      void seats.push({
        ...rig.seat({ kind, title, cwd: '/srv/shop', worker: habits(kind) }),
        gone: [],
        isAway: false,
      }),
    restartWorker: (seat) => {
      const { session, worker } = seat
      if (chance.happens(0.5)) worker.kill()
      worker[Symbol.dispose]()
      seat.gone.push(worker)
      session.epoch += 1
      session.set({ worker_status: 'idle', status_bucket: 'idle' })
      session.setMetadata({ pending_action: null, pending_actions: [], turn: null })
      seat.worker = createWorker(session, { ...habits(worker.kind), time })
      seat.isAway = false
    },
    send: async (sender, wish) => {
      const command = { ...wish, commandId: newCommandId() } as Command
      const sent: SentCommand = { command, phone: sender, isOpen: true }
      commands.push(sent)
      const before = rig.api.requests.length
      handIn(sent)
      // Time stands still until it is there, so that a seed plays the same again.
      const isOnItsWay = () =>
        sent.receipt !== undefined ||
        sent.isOpen ||
        rig.api.requests.slice(before).some(({ body }) => isAbout(body, command))
      await until(isOnItsWay, { timeoutMs: onItsWayMs, everyMs: 2 }).catch(() => {})
    },
    retry: () => {
      if (isRelayUp) for (const sent of commands) if (sent.isOpen) handIn(sent)
    },
    stopRelay: async () => {
      isRelayUp = false
      await rig.running.stop()
    },
    startRelayAgain: async () => {
      await rig.restart()
      isRelayUp = true
    },
    phonesCaughtUp: async () => {
      if (!isRelayUp) return
      for (const one of phones) {
        const { cursor } = await one.client.call('sessions', null)
        await until(() => positionOf(one.events.at(-1)?.cursor) >= positionOf(cursor), {
          what: 'a phone that has it all',
          timeoutMs: 15_000,
          everyMs: 3,
        })
      }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
