import type { Device } from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import { type Command, isTyped } from './command.ts'
import { connect } from './connect.ts'
import { findDevice } from './devices.ts'
import { explain } from './explain.ts'
import { printable } from './terminal.ts'

type Outcome = { deviceId: string; name: string; outcome: string; detail: string }

const ring = async (client: RelayClient, { deviceId, name }: Device): Promise<Outcome> => {
  try {
    return { deviceId, name, ...(await client.call('pushTest', { deviceId })) }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { deviceId, name, outcome: 'failed', detail: explain(error).sentence }
  }
}

export const pushTestCommand: Command = {
  name: 'push test',
  takes: '[device]',
  wordsMax: 1,
  does: 'Rings a device, or all, and says how far it got.',
  run: async ({ terminal, config, typed, words }) => {
    const { client } = await connect(config)
    const { devices } = await client.call('devices', null)
    const [wanted] = words
    const chosen =
      wanted === undefined ? devices.filter(({ push }) => push) : [findDevice(devices, wanted)]
    const outcomes: Outcome[] = []
    for (const device of chosen) outcomes.push(await ring(client, device))
    const allSent = outcomes.length > 0 && outcomes.every(({ outcome }) => outcome === 'sent')
    if (isTyped(typed, 'json')) {
      terminal.json({ outcomes })
      return allSent ? 0 : 1
    }
    if (chosen.length === 0) {
      terminal.line(
        'No device can ring yet. On the phone, open Settings and switch notifications on.',
      )
    }
    const { good, bad } = terminal.styles
    for (const { name, outcome, detail } of outcomes) {
      const word = outcome === 'sent' ? good('sent') : bad(outcome)
      terminal.line(`${printable(name)}: ${word}. ${printable(detail)}`)
    }
    return allSent ? 0 : 1
  },
}
