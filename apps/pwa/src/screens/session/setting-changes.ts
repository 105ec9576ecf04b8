import { type CommandOf, newCommandId, type SessionId } from '@bellhop/core'
import { isRefusal } from '@bellhop/core/client'
import { createSignal } from 'solid-js'
import { clock } from '../../platform/times.ts'
import type { AppState } from '../../state/app-state.ts'
import type { StoryStep } from '../../state/command-stories.ts'

type SettingType = 'set_model' | 'set_permission_mode' | 'set_thinking' | 'rename' | 'archive'
type FieldsOf<Type extends SettingType> = Omit<
  CommandOf<Type>,
  'type' | 'commandId' | 'sessionId' | 'expiresAt'
>
/** What is to be changed, before it has an id. */
export type SettingChange = {
  [Type in SettingType]: { type: Type } & FieldsOf<Type>
}[SettingType]

export type ChangeStage = 'busy' | 'done' | 'refused' | 'unconfirmed'
type Known = { stage: ChangeStage; text?: string | undefined; atMs: number }
type Sent = Known & {
  commandId: ReturnType<typeof newCommandId>
  change: SettingChange
  words: string
}

const LIFE_MS = 60_000

/** The last change of each kind this run asked of each session; it outlives the sheet it was asked on. */
const [sent, setSent] = createSignal<ReadonlyMap<string, Sent>>(new Map())

const keyOf = (sessionId: SessionId, type: SettingType) => `${sessionId} ${type}`
const put = (key: string, next: Sent) => setSent(new Map(sent()).set(key, next))

/** Asks for a change; `words` say to what. What came of it stands in `changeOf`. */
export async function changeSetting(
  app: AppState,
  sessionId: SessionId,
  change: SettingChange,
  words: string,
): Promise<void> {
  const key = keyOf(sessionId, change.type)
  const before = sent().get(key)
  // Nobody answered the same wish before: under the same id it cannot be done twice.
  const isRetry =
    before?.stage === 'unconfirmed' &&
    before.text === undefined &&
    JSON.stringify(before.change) === JSON.stringify(change)
  const commandId = isRetry ? before.commandId : newCommandId()
  const tell = (stage: ChangeStage, text?: string) => {
    const now = sent().get(key)
    if (stage === 'busy' || now?.commandId === commandId)
      put(key, { commandId, change, words, stage, text, atMs: Date.now() })
  }
  tell('busy')
  try {
    const expiresAt = new Date(app.relayNowMs() + LIFE_MS).toISOString()
    const receipt = await app.client().call('command', {
      ...change,
      commandId,
      sessionId,
      expiresAt,
    } as CommandOf<SettingType>)
    if (receipt.state === 'done') tell('done')
    else if (receipt.state === 'refused') tell('refused', receipt.text ?? 'It was not changed.')
    else if (receipt.state === 'unconfirmed') tell('unconfirmed', receipt.text ?? '')
  } catch (error) {
    if (isRefusal(error)) tell('refused', error.message)
    else tell('unconfirmed')
  }
}

/** What came of a kind of change, with what the session's events have told since; undefined when none was asked. */
export function changeOf(
  sessionId: SessionId,
  type: SettingType,
  storyOf: (commandId: string) => readonly StoryStep[],
  machine: string,
): { stage: ChangeStage; words: string } | undefined {
  const asked = sent().get(keyOf(sessionId, type))
  if (!asked) return undefined
  const { stage, text, atMs } = storyOf(asked.commandId).reduce(heard, asked)
  if (stage === 'busy') return { stage, words: asked.words }
  if (stage === 'done') return { stage, words: `Done at ${clock(atMs)}` }
  if (stage === 'refused') return { stage, words: `Not done. ${text ?? ''}` }
  const doubt = text === undefined ? `${machine} did not answer.` : text || NO_WORD
  return { stage, words: `Not confirmed. ${doubt}` }
}

const NO_WORD = 'The session has not said whether it took it.'

const heard = (known: Known, { stage, at, text }: StoryStep): Known => {
  const atMs = Date.parse(at)
  if (stage === 'done' || stage === 'refused') return { stage, text, atMs }
  if (stage === 'unconfirmed') return { stage, text: text ?? '', atMs }
  // Its machine has it after all.
  if (known.stage === 'unconfirmed' && stage !== 'stored') return { stage: 'done', atMs }
  return known
}
