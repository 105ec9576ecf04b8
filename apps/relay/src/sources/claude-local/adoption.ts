/**
 * Adoption: how a session that ran before the plugin was installed gets its permissions to the phone.
 *
 * A plugin is not loaded into a running session, but user settings are read again at once. One
 * marked hook is put there; it acts only for the processes listed in a folder and is taken out
 * when the last of them has ended.
 */
import {
  access,
  chmod,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { RelayError } from '@bellhop/core'
import { dataPaths } from './data-paths.ts'

const marker = 'bellhop-adopted'
const event = 'PermissionRequest'
const heldTimeoutSeconds = 86_400

type Settings = { hooks?: Record<string, unknown[]> } & Record<string, unknown>

export interface AdoptionPlace {
  settingsPath: string
  dataDir: string
  nodePath: string
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

function hookGroup({ dataDir, nodePath }: AdoptionPlace) {
  const paths = dataPaths(dataDir)
  const node = quoted(nodePath)
  const run = `[ -e ${quoted(paths.adopted)}/"$CLAUDE_PID" ] && [ -x ${node} ] && [ -f ${quoted(paths.heldHook)} ] && exec ${node} ${quoted(paths.heldHook)} ${quoted(dataDir)}`
  const command = `: ${marker}; ${run}; exit 0`
  return { matcher: '*', hooks: [{ type: 'command', command, timeout: heldTimeoutSeconds }] }
}

const isOurs = (group: unknown) => JSON.stringify(group).includes(marker)

function withoutOurs(settings: Settings): Settings {
  const groups = settings.hooks?.[event]
  if (!Array.isArray(groups)) return settings
  const kept = groups.filter((group) => !isOurs(group))
  const { [event]: _, ...otherHooks } = settings.hooks ?? {}
  const hooks = kept.length > 0 ? { ...otherHooks, [event]: kept } : otherHooks
  const { hooks: __, ...rest } = settings
  return Object.keys(hooks).length > 0 ? { ...rest, hooks } : rest
}

/** Undefined when there is no file. Throws `config_invalid` when it is not a JSON object. */
async function readSettings(
  path: string,
): Promise<{ text: string; settings: Settings } | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const settings: unknown = JSON.parse(text)
    if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) {
      return { text, settings: settings as Settings }
    }
  } catch {
    // Falls through to the refusal: a file we cannot read whole is not one we rewrite.
  }
  throw new RelayError('config_invalid', { file: path })
}

/** Where the settings really are: they are often a link into somebody's dotfiles, which stays one. */
const targetOf = (path: string) => realpath(path).catch(() => path)

async function replaceFile(path: string, text: string): Promise<void> {
  const target = await targetOf(path)
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  )
  const staging = `${target}.bellhop-new`
  await writeFile(staging, text, { mode: 0o600 })
  await chmod(staging, mode)
  await rename(staging, target)
}

/**
 * The settings as they were, kept beside them and nowhere else: they may hold an account's key, which
 * has no place in our own folder. [I12]
 */
const keptBeside = async (path: string) => `${await targetOf(path)}.before-bellhop`

/** Whether there is an entry to take out when the last adopted process has ended. */
export async function hasAdoption(dataDir: string): Promise<boolean> {
  return access(dataPaths(dataDir).adoptionEntry).then(
    () => true,
    () => false,
  )
}

/** Whether the marked entry stands in the settings. */
export async function isAdopting(place: AdoptionPlace): Promise<boolean> {
  const found = await readSettings(place.settingsPath)
  return (found?.settings.hooks?.[event] ?? []).some(isOurs)
}

/** The processes adopted now. */
export async function adoptedPids(dataDir: string): Promise<number[]> {
  const names = await readdir(dataPaths(dataDir).adopted).catch(() => [])
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

/** Adopts the processes; the entry works in their sessions within about two seconds. */
export async function adopt(place: AdoptionPlace, pids: readonly number[]): Promise<void> {
  if (pids.length === 0) return
  const paths = dataPaths(place.dataDir)
  const found = await readSettings(place.settingsPath)
  await mkdir(paths.adopted, { recursive: true, mode: 0o700 })
  for (const pid of pids) await writeFile(join(paths.adopted, `${pid}`), '', { mode: 0o600 })
  const before = found?.settings ?? {}
  if (!(before.hooks?.[event] ?? []).some(isOurs)) {
    if (found) await writeFile(await keptBeside(place.settingsPath), found.text, { mode: 0o600 })
    await writeFile(paths.adoptionEntry, '', { mode: 0o600 })
  }
  const clean = withoutOurs(before)
  const groups = [...(clean.hooks?.[event] ?? []), hookGroup(place)]
  const settings = { ...clean, hooks: { ...clean.hooks, [event]: groups } }
  await replaceFile(place.settingsPath, `${JSON.stringify(settings, null, 2)}\n`)
}

/** Lets one process go, as when it has loaded the plugin or ended. */
export async function release(dataDir: string, pid: number): Promise<void> {
  await rm(join(dataPaths(dataDir).adopted, `${pid}`), { force: true })
}

/**
 * Takes the entry out again and leaves everything else in the settings as it is; a file nobody else
 * touched meanwhile gets back exactly the bytes it had.
 */
export async function endAdoption(place: AdoptionPlace): Promise<void> {
  const paths = dataPaths(place.dataDir)
  const found = await readSettings(place.settingsPath)
  // Somebody is just writing it anew; what must be taken out is not known to be gone.
  if (!found && (await hasAdoption(place.dataDir))) return
  const kept = await keptBeside(place.settingsPath)
  if (found && (found.settings.hooks?.[event] ?? []).some(isOurs)) {
    const clean = withoutOurs(found.settings)
    const before = await readFile(kept, 'utf8').catch(() => '')
    const isAsBefore = isDeepStrictEqual(before === '' ? {} : JSON.parse(before), clean)
    if (isAsBefore && before === '') await rm(place.settingsPath)
    else {
      const text = isAsBefore ? before : `${JSON.stringify(clean, null, 2)}\n`
      await replaceFile(place.settingsPath, text)
    }
  }
  await rm(kept, { force: true })
  await rm(paths.adopted, { recursive: true, force: true })
}
