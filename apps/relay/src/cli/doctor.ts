import { access, constants, stat } from 'node:fs/promises'
import { BELLHOP_VERSION } from '@bellhop/core'
import { isRefusal } from '@bellhop/core/client'
import { type Call, type Command, isTyped } from './command.ts'
import { connect } from './connect.ts'
import { explain } from './explain.ts'
import { stateWords } from './hooks.ts'
import { inColumns, moment } from './listing.ts'
import { logPath } from './log-file.ts'
import { findProgram } from './programs.ts'
import { selfCheck } from './reach.ts'
import { printable } from './terminal.ts'

type Finding = { what: string; state: 'ok' | 'note' | 'wrong'; text: string }

const ok = (what: string, text: string): Finding => ({ what, state: 'ok', text })
const note = (what: string, text: string): Finding => ({ what, state: 'note', text })
const wrong = (what: string, text: string): Finding => ({ what, state: 'wrong', text })

const NODE_MIN = [24, 15] as const

const checkNode = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  const needed = NODE_MIN.join('.')
  return isEnough
    ? ok('Node', process.versions.node)
    : wrong('Node', `${process.versions.node} is too old; ${needed} or newer is needed.`)
}

const checkDataFolder = async ({ config: { dataDir } }: Call): Promise<Finding> => {
  const folder = await stat(dataDir).catch(() => undefined)
  if (!folder) return note('Data', `${dataDir} is not there yet; \`bellhop up\` makes it.`)
  const canWrite = await access(dataDir, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!canWrite) return wrong('Data', `${dataDir} cannot be written. Fix its permissions.`)
  const isPrivate = (folder.mode & 0o077) === 0
  return isPrivate
    ? ok('Data', dataDir)
    : wrong('Data', `Others can look into ${dataDir}. Run: chmod 700 ${dataDir}`)
}

const checkRelay = async ({ config, agent }: Call): Promise<Finding[]> => {
  const connected = await connect(config).catch((error: unknown) => explain(error).sentence)
  if (typeof connected === 'string') return [note('Relay', connected)]
  const { client, running } = connected
  const [about, { devices }] = await Promise.all([
    client.call('relay', null),
    client.call('devices', null),
  ])
  // A source with nothing to follow is down by right.
  const down = (await agent.find()) === undefined ? note : wrong
  const sources = about.sources.flatMap(({ title, state, text, since, details = [] }) => {
    const finding = { ok, degraded: note, down }[state]
    const asOf = state === 'ok' || since === undefined ? '' : ` Since ${moment(since, Date.now())}.`
    return [
      finding('Source', `${printable(title)}: ${printable(text)}${asOf}`),
      ...details.map((line) => note('', printable(line))),
    ]
  })
  const ringing = devices.filter(({ push }) => push).length
  const devicesFound = note('Devices', `${devices.length} paired, ${ringing} can ring`)
  return [
    ok('Relay', `${about.version} at ${running.url}, process ${running.pid}`),
    await checkReach(running.url, running.publicUrl, running.instanceId),
    ...sources,
    devices.length > 0 && ringing > 0 ? { ...devicesFound, state: 'ok' } : devicesFound,
  ]
}

const checkReach = async (url: string, publicUrl: string, instanceId: string): Promise<Finding> => {
  if (publicUrl === url) return note('Reach', 'This machine only. A phone needs an https address.')
  const answer = await selfCheck(publicUrl, instanceId)
  if (answer.state === 'answers') return ok('Reach', `${publicUrl} answers in ${answer.ms} ms`)
  if (answer.state === 'another') return wrong('Reach', `Another program answers at ${publicUrl}.`)
  return wrong('Reach', `${publicUrl} does not answer (${printable(answer.why, 80)}).`)
}

const checkAgent = async ({ agent }: Call): Promise<Finding> => {
  if ((await agent.find()) === undefined) {
    return note('Agent', `${agent.title} was not found; simulated sessions play instead.`)
  }
  try {
    const state = await agent.state()
    const text = stateWords(state, agent.title).join(' ')
    return state.plugin === 'installed' && !state.problem ? ok('Agent', text) : wrong('Agent', text)
  } catch (error) {
    if (isRefusal(error)) throw error
    return wrong('Agent', explain(error).sentence)
  }
}

const checkTmux = async ({ env, agent }: Call): Promise<Finding> =>
  (await findProgram('tmux', env))
    ? ok('tmux', `there; \`bellhop ${agent.program}\` uses it`)
    : note('tmux', 'Not installed; without it the phone cannot type into a session.')

const checkApp = ({ config }: Call): Finding =>
  config.appDir === null
    ? wrong('App', 'The phone’s app is not built. Run `pnpm build`.')
    : ok('App', config.appDir)

export const doctorCommand: Command = {
  name: 'doctor',
  does: 'Says what is wrong, and what to do about it.',
  run: async (call) => {
    const { terminal, typed, config } = call
    const findings = [
      checkNode(),
      await checkDataFolder(call),
      checkApp(call),
      ...(await checkRelay(call)),
      await checkAgent(call),
      await checkTmux(call),
    ]
    const isWell = findings.every(({ state }) => state !== 'wrong')
    if (isTyped(typed, 'json')) {
      terminal.json({ version: BELLHOP_VERSION, well: isWell, findings })
      return isWell ? 0 : 1
    }
    const { styles } = terminal
    const mark = { ok: styles.good('✓'), note: styles.faint('·'), wrong: styles.bad('✗') }
    const rows = findings.map(({ what, state, text }) => [mark[state], what, text])
    for (const line of inColumns(rows, Number.POSITIVE_INFINITY)) terminal.line(line)
    if (!isWell) terminal.line(styles.faint(`The relay’s own log: ${logPath(config.dataDir)}`))
    return isWell ? 0 : 1
  },
}
