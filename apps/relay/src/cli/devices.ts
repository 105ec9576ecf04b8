import type { Device } from '@bellhop/core'
import { type Command, isTyped } from './command.ts'
import { connect } from './connect.ts'
import { CommandFailed } from './explain.ts'
import { ago } from './listing.ts'
import { printable } from './terminal.ts'

const seen = ({ lastSeenAt }: Device, nowMs: number) =>
  lastSeenAt === null ? 'not seen since' : `seen ${ago(lastSeenAt, nowMs)}`

export const devicesCommand: Command = {
  name: 'devices',
  does: 'Lists the paired devices.',
  run: async ({ terminal, config, typed }) => {
    const { client } = await connect(config)
    const { devices } = await client.call('devices', null)
    if (isTyped(typed, 'json')) {
      terminal.json({ devices })
      return 0
    }
    if (devices.length === 0) terminal.line('No devices yet. `bellhop pair` shows a code to scan.')
    const nowMs = Date.now()
    const { strong, faint } = terminal.styles
    for (const device of devices) {
      terminal.line(`${strong(printable(device.name, 40))}  ${printable(device.platform, 40)}`)
      const ring = device.push ? 'rings' : 'silent'
      const facts = [
        device.scopes.join(', '),
        seen(device, nowMs),
        ...(device.agent ? (device.agent.asksFirst ? ['asks you first'] : []) : [ring]),
      ]
      terminal.line(`  ${faint([...facts, device.deviceId].join(' · '))}`)
    }
    return 0
  },
}

/** The one device a person means by its name or id. */
export const findDevice = (devices: readonly Device[], wanted: string): Device => {
  const same = (text: string) => text.toLowerCase() === wanted.toLowerCase()
  const byId = devices.find(({ deviceId }) => deviceId === wanted)
  const named = devices.filter(({ name }) => same(name))
  if (byId) return byId
  if (named.length === 1 && named[0]) return named[0]
  if (named.length > 1) {
    const ids = named.map(({ deviceId }) => deviceId).join(', ')
    throw new CommandFailed(`Several devices are named ${wanted}. Say which by its id: ${ids}.`)
  }
  throw new CommandFailed(`There is no device ${wanted}. \`bellhop devices\` lists them.`)
}

export const revokeCommand: Command = {
  name: 'revoke',
  takes: '<device>',
  wordsMin: 1,
  wordsMax: 1,
  places: [['@devices']],
  does: 'Removes a device at once, by its name or id.',
  run: async ({ terminal, config, typed, words }) => {
    const { client } = await connect(config)
    const { devices } = await client.call('devices', null)
    const { deviceId, name } = findDevice(devices, words[0] ?? '')
    await client.call('revoke', { deviceId })
    if (isTyped(typed, 'json')) terminal.json({ revoked: deviceId })
    else terminal.line(`${printable(name)} is out. What it had open is closed.`)
    return 0
  },
}
