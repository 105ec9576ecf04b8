import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RelayError, randomSuffix } from '@bellhop/core'

/** How a client reaches the server: it starts a program, or calls an address and shows a token. */
type ServerEntry = { command: string; args: readonly string[] } | { url: string; token: string }

type Place = {
  title: string
  path: string
  key: 'mcpServers' | 'servers'
  isTyped: boolean
  takesHttp: boolean
}

const CLIENTS = ['claude-code', 'claude-desktop', 'cursor', 'vscode'] as const
type ClientName = (typeof CLIENTS)[number]
const isClientName = (name: string): name is ClientName => CLIENTS.some((one) => one === name)

type Env = Readonly<Record<string, string | undefined>>

/** The folder an app of this name keeps its settings in, as each system has it. */
const appFolder = async (
  name: string,
  home: string,
  env: Env,
  platform: NodeJS.Platform,
): Promise<string> => {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', name)
  if (platform !== 'win32') return join(env.XDG_CONFIG_HOME ?? join(home, '.config'), name)
  // Installed as a package, an app sees a folder of its own in place of the usual one.
  const packages = join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Packages')
  const own = (await readdir(packages).catch(() => [])).find((one) => one.startsWith(`${name}_`))
  const roaming = env.APPDATA ?? join(home, 'AppData', 'Roaming')
  return own ? join(packages, own, 'LocalCache', 'Roaming', name) : join(roaming, name)
}

/** Where a client of this person keeps its servers. */
const placeOf = async (client: ClientName, env: Env, platform: NodeJS.Platform): Promise<Place> => {
  const home = env.HOME ?? env.USERPROFILE
  if (!home)
    throw new RelayError('config_invalid', { why: 'It is not said where your home folder is' })
  switch (client) {
    case 'claude-code':
      return {
        title: 'Claude Code',
        path: join(env.CLAUDE_CONFIG_DIR ?? home, '.claude.json'),
        key: 'mcpServers',
        isTyped: true,
        takesHttp: true,
      }
    case 'claude-desktop':
      return {
        title: 'Claude Desktop',
        path: join(await appFolder('Claude', home, env, platform), 'claude_desktop_config.json'),
        key: 'mcpServers',
        isTyped: false,
        takesHttp: false,
      }
    case 'cursor':
      return {
        title: 'Cursor',
        path: join(home, '.cursor', 'mcp.json'),
        key: 'mcpServers',
        isTyped: false,
        takesHttp: true,
      }
    case 'vscode':
      return {
        title: 'VS Code',
        path: join(await appFolder('Code', home, env, platform), 'User', 'mcp.json'),
        key: 'servers',
        isTyped: true,
        takesHttp: true,
      }
  }
}

type ClientInstall = {
  title: string
  path: string
  /** The whole file as it is to be. */
  text: string
  /** Where the file as it was stands; absent when there was none. */
  backup?: string
  isChanged: boolean
}

const entryOf = ({ isTyped }: Place, server: ServerEntry) => {
  if ('command' in server) {
    const { command, args } = server
    return { ...(isTyped && { type: 'stdio' }), command, args }
  }
  const headers = { Authorization: `Bearer ${server.token}` }
  return { ...(isTyped && { type: 'http' }), url: server.url, headers }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Works out a client’s configuration with our server in it and everything else as it was, and writes
 * it unless `print` says only to show it. The file as it was is kept beside it; the same again changes
 * nothing. A file that holds a token is for its owner alone. Refuses with `config_invalid` what it
 * cannot read, and leaves it alone, and a client that cannot reach the server this way. [MC-8]
 */
export const installClient = async (options: {
  client: string
  server: ServerEntry
  env: Readonly<Record<string, string | undefined>>
  print: boolean
  platform?: NodeJS.Platform
}): Promise<ClientInstall> => {
  const { client } = options
  if (!isClientName(client)) {
    throw new RelayError('config_invalid', {
      why: `There is no set-up for ${client}. There is one for ${CLIENTS.join(', ')}`,
    })
  }
  const place = await placeOf(client, options.env, options.platform ?? process.platform)
  const { path, title, key } = place
  const { server } = options
  const isHttp = 'url' in server
  if (isHttp && !place.takesHttp) {
    throw new RelayError('config_invalid', {
      why: `${title} starts servers itself and calls none over HTTP. Set it up without --http`,
    })
  }
  let before: string | undefined
  try {
    before = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new RelayError('config_invalid', { file: path }, cause)
    }
  }
  let settings: unknown = {}
  try {
    if (before?.trim()) settings = JSON.parse(before)
  } catch (cause) {
    throw new RelayError('config_invalid', { file: path }, cause)
  }
  const servers = isObject(settings) ? (settings[key] ?? {}) : undefined
  if (!isObject(settings) || !isObject(servers)) {
    throw new RelayError('config_invalid', { file: path })
  }
  const entry = entryOf(place, server)
  const isChanged = JSON.stringify(servers.bellhop) !== JSON.stringify(entry)
  const whole = { ...settings, [key]: { ...servers, bellhop: entry } }
  const text = `${JSON.stringify(whole, null, 2)}\n`
  if (!isChanged || options.print) return { title, path, text, isChanged }
  const backup = `${path}.before-bellhop`
  // A link to a file kept elsewhere stays one.
  const target = await realpath(path).catch(() => path)
  const draft = `${target}.${randomSuffix()}`
  try {
    await mkdir(dirname(target), { recursive: true })
    if (before !== undefined) await copyFile(path, backup)
    const isPrivate = before === undefined || isHttp
    const mode = isPrivate ? 0o600 : (await stat(target)).mode & 0o777
    await writeFile(draft, text, { mode, flag: 'wx' })
    await rename(draft, target)
  } catch (cause) {
    throw new RelayError('config_invalid', { why: `${path} cannot be written` }, cause)
  } finally {
    await rm(draft, { force: true })
  }
  return { title, path, text, isChanged, ...(before !== undefined && { backup }) }
}
