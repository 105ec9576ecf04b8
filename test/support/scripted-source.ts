import {
  type Ask,
  type EventDraft,
  type McpServer,
  type Place,
  RelayError,
  type SessionId,
  type SourceId,
  type StartRequest,
} from '@bellhop/core'
import type {
  SessionSource,
  SourceCommand,
  SourceHealth,
  SourceSink,
} from '@bellhop/relay/session-source'

type Fields = Record<string, unknown>

/** A source a test plays by hand: it says what the test says and notes what it is asked. */
export interface ScriptedSource extends SessionSource {
  /** Every command that reached the source, oldest first. */
  readonly performed: readonly SourceCommand[]
  /** Appends one event; its key is the type and a count unless named. Resolves once durable. */
  say(sessionId: SessionId, type: EventDraft['type'], fields?: Fields): Promise<void>
  sayAll(drafts: readonly EventDraft[]): Promise<void>
  /** A session that can be asked everything. */
  start(name: string, fields?: Fields): Promise<SessionId>
  ask(sessionId: SessionId, permissionId: string, ask: Ask): Promise<void>
  signal: SourceSink['signal']
  /** What the next commands are answered with; the default takes everything. */
  onPerform: (command: SourceCommand) => ReturnType<SessionSource['perform']>
  /** What it says of itself from now on, and what it says to who asks for more. */
  health: (health: SourceHealth & { details?: readonly string[] }) => void
  /** Where sessions can be started, and what is done when one is; by default nowhere. */
  placesThere: readonly Place[]
  onStart: (request: StartRequest) => Promise<SessionId>
  onMcpServers: () => Promise<readonly McpServer[]>
  /** What lies before the log of a session, newest page first; each is read once, from the last words on. */
  readonly before: Map<SessionId, readonly EventDraft[][]>
  onReadPast: () => Promise<void>
  /** Resolves when the relay has started the source. */
  readonly running: Promise<void>
}

const ALL_CAPABILITIES = [
  'prompt',
  'interrupt',
  'decide_permission',
  'edit_input',
  'always_allow',
  'answer_question',
  'decide_plan',
  'set_model',
  'set_permission_mode',
  'set_thinking',
  'rename',
  'archive',
  'list_mcp_servers',
]

/** The ask of a Bash call, as the real agent asks it. */
export const shellAsk = (command: string, suggestions: string[] = []): Ask => ({
  kind: 'tool',
  tool: { kind: 'shell', name: 'Bash', command },
  input: { command },
  suggestions: suggestions.map((words, at) => ({ suggestionId: `s${at}`, words })),
})

export const createScriptedSource = (sourceId = 'scripted'): ScriptedSource => {
  const started = Promise.withResolvers<void>()
  const performed: SourceCommand[] = []
  let sink: SourceSink | undefined
  let count = 0
  const ready = (): SourceSink => {
    if (!sink) throw new RelayError('source_unreachable')
    return sink
  }
  const source: ScriptedSource = {
    manifest: { sourceId: sourceId as SourceId, title: 'scripted' },
    performed,
    running: started.promise,
    onPerform: () => Promise.resolve(),
    run: (given, signal) => {
      sink = given
      started.resolve()
      given.health({ state: 'ok', text: 'ready' })
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    },
    perform: async (command) => {
      performed.push(command)
      return source.onPerform(command)
    },
    placesThere: [],
    onStart: () => Promise.reject(new RelayError('place_unknown')),
    onMcpServers: () => Promise.resolve([]),
    before: new Map(),
    onReadPast: () => Promise.resolve(),
    places: async () => source.placesThere,
    startSession: (request) => source.onStart(request),
    mcpServers: () => source.onMcpServers(),
    pastOf: (sessionId) => (source.before.get(sessionId)?.length ? 'page 0' : undefined),
    readPast: async ({ sessionId, past }) => {
      await source.onReadPast()
      const at = Number(past.slice('page '.length))
      const pages = source.before.get(sessionId) ?? []
      return {
        drafts: pages[at] ?? [],
        ...(at + 1 < pages.length && { past: `page ${at + 1}` }),
      }
    },
    health: ({ details = [], ...one }) => {
      source.details = () => details
      ready().health(one)
    },
    signal: (one) => ready().signal(one),
    sayAll: (drafts) => ready().append(drafts),
    say: (sessionId, type, fields = {}) => {
      count += 1
      const draft = {
        sessionId,
        at: new Date().toISOString(),
        dedupeKey: `${type} ${count}`,
        type,
        ...fields,
      }
      return ready().append([draft as EventDraft])
    },
    start: async (name, fields = {}) => {
      await started.promise
      const sessionId = `ses_${name.replaceAll(/[^a-z0-9]+/gi, '-')}` as SessionId
      await source.say(sessionId, 'session.started', {
        dedupeKey: 'start',
        sourceId,
        machine: 'desk',
        project: 'shop-api',
        title: name,
        capabilities: ALL_CAPABILITIES,
        ...fields,
      })
      return sessionId
    },
    ask: (sessionId, permissionId, ask) =>
      source.say(sessionId, 'permission.requested', {
        permissionId,
        ask,
        dedupeKey: `ask ${permissionId}`,
      }),
  }
  return source
}
