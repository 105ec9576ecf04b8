/** Installs the plugin into the person's Claude Code, says how it stands, and takes it out again. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RelayError } from '@bellhop/core'
import { adopt, adoptedPids, endAdoption, isAdopting } from './adoption.ts'
import {
  type ClaudeProgram,
  claudeVersion,
  compareVersions,
  findClaude,
  oldestVersion,
  runClaude,
  runClaudeOk,
} from './claude-program.ts'
import { dataPaths } from './data-paths.ts'
import { pluginFiles, pluginId, pluginName } from './plugin-files.ts'
import { isAlive, readRegistry } from './session-registry.ts'

export interface HooksOptions {
  dataDir: string
  env?: NodeJS.ProcessEnv
  /** The Node that sessions run the connector with. */
  nodePath?: string
}

export interface HooksStatus {
  claudePath: string
  version: string
  /** `outdated`: installed, but its files are not the ones this Bellhop would write. */
  plugin: 'installed' | 'disabled' | 'outdated' | 'absent'
  /** Sessions that ran before the plugin came and are served by the marked settings entry. */
  adoptedPids: readonly number[]
  settingsEntry: boolean
  /** Why running sessions were not adopted, in words; absent when all is well. */
  adoptionProblem?: string
}

type InstallRecord = { installedAtMs: number; keysBefore: readonly string[] }

// Claude Code's own commands write these into the settings and leave them behind empty.
const keysOfPlugins = ['enabledPlugins', 'extraKnownMarketplaces'] as const

async function needClaude(env: NodeJS.ProcessEnv): Promise<ClaudeProgram> {
  const claude = await findClaude(env)
  if (!claude) throw new RelayError('agent_not_found')
  return claude
}

const settingsPathOf = (claude: ClaudeProgram) => join(claude.configDir, 'settings.json')

/** The script beside this file as plain JavaScript: ready-made in a bundle, stripped here otherwise. */
async function scriptText(name: string): Promise<string> {
  const folder = dirname(fileURLToPath(import.meta.url))
  const ready = await readFile(join(folder, `${name}.mjs`), 'utf8').catch(() => undefined)
  if (ready !== undefined) return ready
  return stripQuietly(await readFile(join(folder, 'connector', `${name}.ts`), 'utf8'))
}

/** Node calls this function experimental on stderr, which is nothing for the person installing. */
function stripQuietly(source: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}

async function wantedFiles(options: HooksOptions): Promise<Map<string, string>> {
  const { dataDir, nodePath = process.execPath } = options
  const paths = dataPaths(dataDir)
  const plugin = pluginFiles({ nodePath, connectorPath: paths.connector, dataDir })
  return new Map([
    ...Object.entries(plugin).map(([name, text]) => [join(paths.marketplace, name), text] as const),
    [paths.connector, await scriptText('connector')],
    [paths.heldHook, await scriptText('held-hook')],
  ])
}

async function isWritten(files: ReadonlyMap<string, string>): Promise<boolean> {
  for (const [path, text] of files) {
    if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) return false
  }
  return true
}

async function writeFiles(files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, text, { mode: 0o600 })
  }
}

/**
 * Brings the files of a plugin that is in place up to date with this program; sessions from now on
 * run the new ones. Does nothing where no plugin was installed from here.
 */
export async function refreshPlugin(options: HooksOptions): Promise<void> {
  const record = await readJson<InstallRecord>(dataPaths(options.dataDir).installRecord)
  if (!record) return
  const files = await wantedFiles(options)
  if (!(await isWritten(files))) await writeFiles(files)
}

async function readJson<Value>(path: string): Promise<Value | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Value
  } catch {
    return undefined
  }
}

type PluginEntry = { id: string; enabled?: boolean }
type MarketplaceEntry = { name: string; path?: string; installLocation?: string }

async function installedPlugin(claude: ClaudeProgram): Promise<PluginEntry | undefined> {
  const stdout = await runClaudeOk(claude, ['plugin', 'list', '--json'])
  return (JSON.parse(stdout) as PluginEntry[]).find(({ id }) => id === pluginId)
}

async function addMarketplace(claude: ClaudeProgram, folder: string): Promise<void> {
  const stdout = await runClaudeOk(claude, ['plugin', 'marketplace', 'list', '--json'])
  const known = (JSON.parse(stdout) as MarketplaceEntry[]).find(({ name }) => name === pluginName)
  const isHere = known && JSON.stringify(known).includes(JSON.stringify(folder))
  // The data folder has moved: the old place is let go first.
  if (known && !isHere) await runClaudeOk(claude, ['plugin', 'marketplace', 'remove', pluginName])
  if (!isHere) await runClaudeOk(claude, ['plugin', 'marketplace', 'add', folder])
}

/** How things stand, without changing any. */
export async function hooksStatus(options: HooksOptions): Promise<HooksStatus> {
  const { dataDir, env = process.env, nodePath = process.execPath } = options
  const claude = await needClaude(env)
  const plugin = await installedPlugin(claude)
  const isCurrent = await isWritten(await wantedFiles(options))
  const place = { settingsPath: settingsPathOf(claude), dataDir, nodePath }
  const enabled = plugin?.enabled === false ? 'disabled' : isCurrent ? 'installed' : 'outdated'
  return {
    claudePath: claude.path,
    version: await claudeVersion(claude),
    plugin: plugin ? enabled : 'absent',
    adoptedPids: (await adoptedPids(dataDir)).filter(isAlive),
    settingsEntry: await isAdopting(place).catch(() => false),
  }
}

/**
 * Makes every session from now on reach the relay, and adopts those that run already. Running it
 * again changes nothing that is right. Refuses with `agent_not_found` or `agent_failed`.
 */
export async function installHooks(options: HooksOptions): Promise<HooksStatus> {
  const { dataDir, env = process.env, nodePath = process.execPath } = options
  const claude = await needClaude(env)
  const version = await claudeVersion(claude)
  if (compareVersions(version, oldestVersion) < 0) {
    throw new RelayError('agent_failed', { version, needs: oldestVersion, do: 'claude update' })
  }
  const paths = dataPaths(dataDir)
  const plugin = await installedPlugin(claude)
  await writeFiles(await wantedFiles(options))
  let record = await readJson<InstallRecord>(paths.installRecord)
  if (!plugin || !record) {
    const settings = (await readJson<object>(settingsPathOf(claude))) ?? {}
    const keysBefore = keysOfPlugins.filter((key) => plugin || Object.hasOwn(settings, key))
    record = { installedAtMs: Date.now(), keysBefore }
    await writeFile(paths.installRecord, JSON.stringify(record), { mode: 0o600 })
  }
  await addMarketplace(claude, paths.marketplace)
  if (!plugin) await runClaudeOk(claude, ['plugin', 'install', pluginId])
  else if (plugin.enabled === false) await runClaudeOk(claude, ['plugin', 'enable', pluginId])

  const { installedAtMs } = record
  const running = (await readRegistry(claude.configDir)).filter(
    (entry) =>
      isAlive(entry.pid) && entry.entrypoint === 'cli' && entry.startedAtMs < installedAtMs,
  )
  const place = { settingsPath: settingsPathOf(claude), dataDir, nodePath }
  const adoptionProblem = await adopt(
    place,
    running.map(({ pid }) => pid),
  ).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const status = await hooksStatus(options)
  return adoptionProblem === undefined ? status : { ...status, adoptionProblem }
}

async function removeEmptyKeys(path: string, record: InstallRecord | undefined): Promise<void> {
  const settings = await readJson<Record<string, unknown>>(path)
  if (!settings || !record) return
  const left = keysOfPlugins.filter(
    (key) => !record.keysBefore.includes(key) && JSON.stringify(settings[key]) === '{}',
  )
  if (left.length === 0) return
  for (const key of left) delete settings[key]
  await writeFile(path, `${JSON.stringify(settings, null, 2)}\n`)
}

/** Takes out everything `installHooks` put in; sessions that run go on as if it had never been there. */
export async function uninstallHooks(options: HooksOptions): Promise<void> {
  const { dataDir, env = process.env, nodePath = process.execPath } = options
  const claude = await needClaude(env)
  const paths = dataPaths(dataDir)
  if (await installedPlugin(claude)) await runClaudeOk(claude, ['plugin', 'uninstall', pluginId])
  // Exits with 1 where there is none, which is what is wanted.
  await runClaude(claude, ['plugin', 'marketplace', 'remove', pluginName])
  await endAdoption({ settingsPath: settingsPathOf(claude), dataDir, nodePath })
  await removeEmptyKeys(settingsPathOf(claude), await readJson(paths.installRecord))
  await rm(paths.marketplace, { recursive: true, force: true })
}
