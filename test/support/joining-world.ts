import type { EventDraft, SessionId, SourceId } from '@bellhop/core'
import type { KnownRun } from '../../apps/relay/src/sessions/session-source.ts'
import type { CloudRow } from '../../apps/relay/src/sources/claude-cloud/cloud-api.ts'
import { createJoining, type Joining } from '../../apps/relay/src/sources/claude-cloud/joining.ts'
import {
  cloudRow,
  createScriptedCloudSession,
  type ScriptedCloudSession,
} from './scripted-cloud-session.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'

/** One cloud session and the runs of other sources, as a test has them, and what is told of both. */
export type JoiningWorld = {
  readonly time: VirtualTime
  session: ScriptedCloudSession
  joining: Joining
  ended: AbortController
  /** What the list shows of it. */
  row: CloudRow | undefined
  freshRow: () => Promise<CloudRow | undefined>
  /** Whether the log has a row of its own for it. */
  hasRow: boolean
  isElsewhere: () => Promise<boolean>
  runs: KnownRun[]
  checkpoints: Map<string, string>
  told: EventDraft[]
  /** Starts the relay anew over what it saved. */
  begin(): Promise<void>
  /** The runs of other sources have changed. */
  changed(): Promise<void>
  /** What was told since it was last asked, in short: which session, and what of it. */
  news(): unknown[][]
}

export const answering = ['decide_permission', 'always_allow', 'answer_question', 'decide_plan']
export const cloudCan = ['prompt', 'interrupt', ...answering, 'set_model', 'rename', 'archive']
export const here = 'ses_here' as SessionId

/** A run of another source that is the same one. */
export const runHere = (fields: Partial<KnownRun> = {}): KnownRun => ({
  runKey: 'remote:01Abc',
  sessionId: here,
  sourceId: 'terminals' as SourceId,
  capabilities: ['prompt_as_peer', 'edit_input', ...answering],
  ...fields,
})

export const openJoiningWorld = async (): Promise<JoiningWorld> => {
  const time = createVirtualTime()
  const listeners = new Set<() => void>()
  const open = (): Pick<JoiningWorld, 'session' | 'joining' | 'ended'> => {
    const ended = new AbortController()
    const session = createScriptedCloudSession(time)
    session.append = async (drafts) => void world.told.push(...drafts)
    const joining = createJoining(
      {
        sourceId: 'claude-cloud' as SourceId,
        timing: time,
        sink: {
          append: async (drafts) => void world.told.push(...drafts),
          otherRuns: () => world.runs,
          onOtherRuns: (listener) => {
            listeners.add(listener)
            return { [Symbol.dispose]: () => void listeners.delete(listener) }
          },
          checkpoint: async (key) => world.checkpoints.get(key),
          saveCheckpoint: async (key, value) => void world.checkpoints.set(key, value),
        },
        rowOf: (suffix) => (suffix === world.row?.suffix ? world.row : undefined),
        freshRow: () => world.freshRow(),
        open: async () => (world.row && !world.row.isArchived ? session : undefined),
        hasRow: () => world.hasRow,
        capabilitiesOf: () => cloudCan,
        isElsewhere: () => world.isElsewhere(),
        onChange: () => {},
        onFailure: (error) => {
          throw error
        },
      },
      ended.signal,
    )
    return { session, joining, ended }
  }
  const world: JoiningWorld = {
    time,
    ...open(),
    row: cloudRow(),
    freshRow: async () => world.row,
    hasRow: true,
    isElsewhere: async () => false,
    runs: [],
    checkpoints: new Map(),
    told: [],
    begin: async () => {
      world.ended.abort()
      Object.assign(world, open())
      await world.joining.start()
    },
    changed: async () => {
      for (const listener of [...listeners]) listener()
      await time.settle()
    },
    news: () =>
      world.told.splice(0).map((draft) => {
        if (draft.type === 'session.joined') return [draft.sessionId, 'joined', draft.into]
        if (draft.type === 'session.road') return [draft.sessionId, 'road', draft.capabilities]
        if (draft.type === 'permission.resolved') return [draft.sessionId, draft.outcome]
        return [draft.sessionId, draft.type]
      }),
  }
  await world.joining.start()
  return world
}
