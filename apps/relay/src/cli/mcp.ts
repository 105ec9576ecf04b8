import { join } from 'node:path'
import { AGENT_SCOPES, RelayError } from '@bellhop/core'
import { type Call, type Command, isTyped, typedText } from './command.ts'
import { connect } from './connect.ts'
import { CommandFailed, UsageError } from './explain.ts'
import { ago } from './listing.ts'
import { printable } from './terminal.ts'

/** The programs whose own settings can be written. */
const CLIENTS = ['claude-code', 'claude-desktop', 'cursor', 'vscode'] as const

/** Whoever may do something may also see it. */
const readGrants = (text = 'watch'): (typeof AGENT_SCOPES)[number][] => {
  const words = text.split(',').map((one) => one.trim())
  const wrong = words.find((one) => !(AGENT_SCOPES as readonly string[]).includes(one))
  if (wrong !== undefined) {
    throw new UsageError(
      `An agent cannot have the scope ${wrong}. It can have ${AGENT_SCOPES.join(', ')}.`,
    )
  }
  return AGENT_SCOPES.filter((one) => one === 'watch' || words.includes(one))
}

const nameIn = ({ typed }: Call, option: string): string => {
  const name = typedText(typed, option)
  if (name === undefined) throw new UsageError(`Say which agent: --${option} <name>.`)
  return name
}

const SCOPE_OPTIONS = { scope: { type: 'string' }, 'ask-me': { type: 'boolean' } } as const
const SCOPE_MEANS = {
  scope: `what it may do, of ${AGENT_SCOPES.join(',')}; watch if not said`,
  'scope<>': 'list',
  'ask-me': 'nothing it asks for is done before you say yes on the phone',
}

const serve: Command = {
  name: 'mcp',
  does: 'Serves the sessions to one agent over MCP, on standard input and output.',
  options: { as: { type: 'string' } },
  means: {
    as: 'whose credential it uses, as `mcp add` made it',
    'as<>': 'name',
  },
  run: async (call) => {
    const name = nameIn(call, 'as')
    const mcp = await call.mcp()
    const ownSession = call.env.CLAUDE_CODE_SESSION_ID
    await mcp.serve({ dataDir: call.config.dataDir, name, ownSession })
    return 0
  },
}

const add: Command = {
  name: 'mcp add',
  does: 'Lets an agent in with a credential of its own.',
  options: { name: { type: 'string' }, ...SCOPE_OPTIONS, 'show-token': { type: 'boolean' } },
  means: {
    name: 'what it is called on the phone and in lists',
    'name<>': 'name',
    ...SCOPE_MEANS,
    'show-token': 'print the token it shows over HTTP, which lets whoever reads it in',
  },
  run: async (call) => {
    const { terminal, config, typed } = call
    const name = nameIn(call, 'name')
    const scopes = readGrants(typedText(typed, 'scope'))
    const asksFirst = isTyped(typed, 'ask-me')
    const { dataDir } = config
    const { client: desk, running } = await connect(config)
    const mcp = await call.mcp()
    const agent = await mcp.add({ dataDir, desk, name, scopes, asksFirst })
    const url = doorOf(running.url)
    const publicUrl = doorOf(running.publicUrl)
    const shown = isTyped(typed, 'show-token') ? await mcp.token({ dataDir, name }) : undefined
    if (isTyped(typed, 'json')) {
      terminal.json({ agent, url, publicUrl, ...(shown !== undefined && { token: shown }) })
    } else {
      const first = asksFirst ? ' It asks you first, on the phone.' : ''
      terminal.line(`${name} is in, and may ${agent.scopes.join(', ')}.${first}`)
      terminal.line(`It starts \`bellhop mcp --as ${name}\`; \`bellhop mcp install\` sets that up.`)
      const token = shown ?? tokenPlace(dataDir, name)
      terminal.line(`Over HTTP it calls ${url} with the header`)
      terminal.line(`  Authorization: Bearer ${token}`)
      if (publicUrl !== url) terminal.line(`and from another machine ${publicUrl}.`)
    }
    return 0
  },
}

const listing: Command = {
  name: 'mcp list',
  does: 'Lists the agents that have a credential here.',
  run: async ({ terminal, config, typed, mcp }) => {
    const { client: desk } = await connect(config)
    const agents = await (await mcp()).list({ dataDir: config.dataDir, desk })
    if (isTyped(typed, 'json')) {
      terminal.json({ agents })
      return 0
    }
    if (agents.length === 0) terminal.line('No agents yet. `bellhop mcp add` lets one in.')
    const nowMs = Date.now()
    for (const { name, scopes, device } of agents) {
      const seenAt = device?.lastSeenAt
      const seen = seenAt ? `seen ${ago(seenAt, nowMs)}` : 'not seen since'
      const state = device ? seen : `revoked; \`bellhop mcp add --name ${name}\` lets it in again`
      terminal.line(terminal.styles.strong(printable(name, 40)))
      terminal.line(
        `  ${terminal.styles.faint(`${[...scopes, ...(device?.agent?.asksFirst ? ['asks you first'] : [])].join(', ')} · ${state}`)}`,
      )
    }
    return 0
  },
}

const remove: Command = {
  name: 'mcp remove',
  takes: '<name>',
  wordsMin: 1,
  wordsMax: 1,
  places: [['@agents']],
  does: 'Takes an agent out at once, its credential with it.',
  run: async ({ terminal, config, typed, words, mcp }) => {
    const name = words[0] ?? ''
    const { client: desk } = await connect(config)
    const wasThere = await (await mcp()).remove({ dataDir: config.dataDir, desk, name })
    if (!wasThere)
      throw new CommandFailed(`There is no agent ${name}. \`bellhop mcp list\` lists them.`)
    if (isTyped(typed, 'json')) terminal.json({ removed: name })
    else terminal.line(`${name} is out. What it had open is closed.`)
    return 0
  },
}

const askMe: Command = {
  name: 'mcp ask-me',
  takes: '<name> on|off',
  wordsMin: 2,
  wordsMax: 2,
  places: [['@agents'], ['on', 'off']],
  does: 'Says whether an agent has to ask you first.',
  run: async ({ terminal, config, typed, words, mcp }) => {
    const [name = '', word = ''] = words
    if (word !== 'on' && word !== 'off') throw new UsageError('Say on or off after the name.')
    const asksFirst = word === 'on'
    const { client: desk } = await connect(config)
    const isThere = await (await mcp()).set({ dataDir: config.dataDir, desk, name, asksFirst })
    if (!isThere)
      throw new CommandFailed(`There is no agent ${name}. \`bellhop mcp list\` lists them.`)
    if (isTyped(typed, 'json')) terminal.json({ name, asksFirst })
    else if (asksFirst) terminal.line(`${name} asks you first from now on, on the phone.`)
    else terminal.line(`${name} acts without asking you from now on.`)
    return 0
  },
}

/** Where the relay answers agents. */
const doorOf = (url: string) => `${url}/mcp`

/** Stands where a token would, and says where it is. */
const tokenPlace = (dataDir: string, name: string) =>
  `<the token in ${join(dataDir, 'mcp', `${name}.json`)}>`

/** How a client is to start this program. */
const serverFor = (dataDir: string, name: string) => ({
  command: process.execPath,
  args: [process.argv[1] ?? '', 'mcp', '--as', name, '--data-dir', dataDir],
})

const install: Command = {
  name: 'mcp install',
  takes: '<client>',
  wordsMin: 1,
  wordsMax: 1,
  places: [CLIENTS],
  does: `Sets up ${CLIENTS.join(', ')}.`,
  options: {
    as: { type: 'string' },
    http: { type: 'boolean' },
    print: { type: 'boolean' },
    ...SCOPE_OPTIONS,
  },
  means: {
    as: 'the agent it is; its own name if not said',
    'as<>': 'name',
    http: 'have it call the relay over HTTP with its token, instead of starting a program',
    print: 'only show what the file would hold',
    ...SCOPE_MEANS,
  },
  run: async (call) => {
    const { terminal, config, typed, env } = call
    const { dataDir } = config
    const client = call.words[0] ?? ''
    if (!(CLIENTS as readonly string[]).includes(client)) {
      throw new UsageError(
        `There is no set-up for ${printable(client, 40)}. There is one for ${CLIENTS.join(', ')}.`,
      )
    }
    const name = typedText(typed, 'as') ?? client
    const scopes = readGrants(typedText(typed, 'scope'))
    const print = isTyped(typed, 'print')
    const mcp = await call.mcp()
    const isHttp = isTyped(typed, 'http')
    const serverWith = async (token: string) =>
      isHttp
        ? { url: doorOf((await connect(config)).running.url), token }
        : serverFor(dataDir, name)
    // What cannot be set up is said before anything is. A screen is no place for a token.
    const server = await serverWith(tokenPlace(dataDir, name))
    const shown = await mcp.installClient({ client, server, env, print: true })
    if (print) {
      const { path, text, isChanged } = shown
      if (isTyped(typed, 'json')) terminal.json({ client, name, path, isChanged, text })
      else terminal.line(text.trimEnd())
      return 0
    }
    const { client: desk } = await connect(config)
    const known = (await mcp.list({ dataDir, desk })).find((one) => one.name === name)
    const asksFirst = isTyped(typed, 'ask-me')
    if (!known?.device) await mcp.add({ dataDir, desk, name, scopes, asksFirst })
    else {
      // What was asked for and is not so must not look as if it were.
      if (typedText(typed, 'scope') !== undefined && `${known.device.scopes}` !== `${scopes}`) {
        throw new CommandFailed(
          `${name} is in already, and may ${known.device.scopes.join(', ')}. Take it out first to change that: bellhop mcp remove ${name}`,
        )
      }
      if (asksFirst) await mcp.set({ dataDir, desk, name, asksFirst })
    }
    const token = await mcp.token({ dataDir, name })
    if (token === undefined) throw new RelayError('config_invalid')
    const { title, path, backup, isChanged } = await mcp.installClient({
      client,
      server: await serverWith(token),
      env,
      print: false,
    })
    if (isTyped(typed, 'json')) {
      terminal.json({ client, name, path, isChanged, ...(backup !== undefined && { backup }) })
      return 0
    }
    terminal.line(isChanged ? `${title} is set up in ${path}.` : `${title} was set up already.`)
    if (backup !== undefined) terminal.line(`The file as it was: ${backup}`)
    return 0
  },
}

export const mcpCommands: readonly Command[] = [serve, add, listing, askMe, remove, install]
