/** What `hooks install` put in place, looked after while the relay runs. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fieldsOf } from '../../claude-format/lines.ts'
import type { SourceHealth } from '../../sessions/session-source.ts'
import { adoptedPids, endAdoption, hasAdoption, release } from './adoption.ts'
import { pluginId } from './plugin-files.ts'

export interface SetupPlace {
  configDir: string
  dataDir: string
  nodePath: string
}

const settingsPathOf = ({ configDir }: SetupPlace) => join(configDir, 'settings.json')

/**
 * The adopted processes that still need it, as `needsIt` says;
 * takes the settings entry out after the last.
 */
export async function keepAdopted(
  place: SetupPlace,
  needsIt: (pid: number) => boolean,
): Promise<Set<number>> {
  const { dataDir, nodePath } = place
  const pids = await adoptedPids(dataDir)
  const living = new Set(pids.filter(needsIt))
  for (const pid of pids) if (!living.has(pid)) await release(dataDir, pid)
  if (living.size === 0 && (await hasAdoption(dataDir))) {
    // Settings that cannot be read just now are tried again with the next look.
    await endAdoption({ settingsPath: settingsPathOf(place), dataDir, nodePath }).catch(() => {})
  }
  return living
}

/** Whether sessions from now on can be answered, in words. */
export async function setupHealth(place: SetupPlace): Promise<SourceHealth> {
  const text = await readFile(settingsPathOf(place), 'utf8').catch(() => '{}')
  let isEnabled = false
  try {
    isEnabled = fieldsOf(fieldsOf(JSON.parse(text))?.enabledPlugins)?.[pluginId] === true
  } catch {
    // Somebody is just writing it, or it is broken, and then the plugin is not loaded either.
  }
  if (isEnabled) return { state: 'ok', text: 'Watching this machine’s sessions.' }
  const what = 'Sessions can be watched, not answered: run `bellhop hooks install`.'
  return { state: 'degraded', text: what }
}
