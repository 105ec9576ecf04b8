import {
  type Capability,
  canBeAsked,
  type OpenPermission,
  roadOf,
  type Session,
  scopesToAnswer,
} from '@bellhop/core'
import { createEffect, createMemo, createSignal, Match, on, Show, Switch, untrack } from 'solid-js'
import { wide } from '../../platform/wide.ts'
import { useApp } from '../../state/app-state.ts'
import type { TranscriptStore } from '../../state/transcript-store.ts'
import { lackWords } from '../may-words.ts'
import { AgentSheet } from './agent-sheet.tsx'
import { GoneSheet } from './gone-sheet.tsx'
import { PermissionSheet } from './permission-sheet.tsx'
import { type PromptOnScreen, pickPrompt } from './pick-prompt.ts'
import { PlanSheet } from './plan-sheet.tsx'
import type { PromptProps } from './prompt-parts.tsx'
import './prompts.css'
import { QuestionSheet } from './question-sheet.tsx'
import { UnknownSheet } from './unknown-sheet.tsx'

const NEEDS = {
  tool: 'decide_permission',
  question: 'answer_question',
  plan: 'decide_plan',
} as const satisfies Record<string, Capability>

/** Whether an ask comes on the screen unasked: another agent's must not cover what the person writes. */
export const opensByItself = (wait: OpenPermission): boolean => wait.ask.kind !== 'agent' || wide()

/** Puts the ask of a session that is due on the screen, and takes it off when it is over. */
export function PromptHost(props: {
  session: Session
  store: TranscriptStore
  wanted: string | undefined
  aside: ReadonlySet<string>
  onAside: (permissionId: string) => void
  onDone: () => void
  onTalk: () => void
}) {
  const app = useApp()
  const [screen, setScreen] = createSignal<PromptOnScreen>({ is: 'none' })

  createEffect(() => {
    const facts = {
      waits: props.session.waits,
      wanted: props.wanted,
      aside: props.aside,
      answered: (id: string) => app.answers.of(id)?.stage === 'taken',
      underWay: (id: string) =>
        ['sending', 'unconfirmed'].includes(app.answers.of(id)?.stage ?? ''),
      mayOpen: (wait: OpenPermission) => app.current() && opensByItself(wait),
      certain: app.current() && props.store.state() === 'ready',
    }
    const before = untrack(screen)
    const next = pickPrompt(before, facts)
    if (samePrompt(next, before)) return
    // Someone who is writing is not to be interrupted: the ask waits as a ticket instead.
    if (next.is === 'open' && before.is === 'none' && props.wanted === undefined && isWriting()) {
      props.onAside(next.wait.permissionId)
      return
    }
    setScreen(next)
  })
  createEffect(
    on(screen, (now, before) => {
      if (before && before.is !== 'none' && now.is === 'none' && props.wanted) props.onDone()
    }),
  )

  const open = createMemo(() => {
    const now = screen()
    return now.is === 'open' ? now.wait : undefined
  })
  const gone = createMemo(() => {
    const now = screen()
    return now.is === 'gone' ? now : undefined
  })
  /** Why the ask cannot be answered from here just now. */
  const hindrance = () => {
    const wait = open()
    if (!wait) return undefined
    if (!app.current())
      return `Answers need a connection. This can be answered once ${app.machine()} is back.`
    if (wait.ask.kind === 'unknown') return 'This app does not know what is asked. Reload it.'
    if (wait.ask.kind === 'agent') return lackWords(scopesToAnswer(wait.ask), app.may)
    if (!app.may('answer')) return 'This phone may watch, not answer.'
    if (!canBeAsked(roadOf(props.session, wait)?.capabilities ?? [], NEEDS[wait.ask.kind]))
      return 'This can only be answered at the terminal.'
    return undefined
  }
  const position = () => {
    const { waits } = props.session
    const at = waits.findIndex((wait) => wait.permissionId === open()?.permissionId)
    return waits.length > 1 ? `${at + 1} of ${waits.length}` : undefined
  }
  const close = () => {
    setScreen({ is: 'none' })
    props.onDone()
  }

  return (
    <Switch>
      <Match when={gone()}>
        {(now) => (
          <GoneSheet
            session={props.session}
            store={props.store}
            permissionId={now().permissionId}
            wait={now().wait}
            onClose={close}
          />
        )}
      </Match>
      <Match when={open()}>
        <Show when={open()?.permissionId} keyed>
          {(permissionId) => {
            const first = open() as OpenPermission
            const wait = createMemo<OpenPermission>((last) => open() ?? last, first)
            const shared: PromptProps = {
              get session() {
                return props.session
              },
              get wait() {
                return wait()
              },
              get hindrance() {
                return hindrance()
              },
              get position() {
                return position()
              },
              onAside: () => props.onAside(permissionId),
              onTalk: props.onTalk,
            }
            return (
              <Switch>
                <Match when={wait().ask.kind === 'tool'}>
                  <PermissionSheet {...shared} />
                </Match>
                <Match when={wait().ask.kind === 'question'}>
                  <QuestionSheet {...shared} />
                </Match>
                <Match when={wait().ask.kind === 'plan'}>
                  <PlanSheet {...shared} />
                </Match>
                <Match when={wait().ask.kind === 'agent'}>
                  <AgentSheet {...shared} />
                </Match>
                <Match when={wait().ask.kind === 'unknown'}>
                  <UnknownSheet {...shared} />
                </Match>
              </Switch>
            )
          }}
        </Show>
      </Match>
    </Switch>
  )
}

const samePrompt = (a: PromptOnScreen, b: PromptOnScreen) =>
  a.is === 'none'
    ? b.is === 'none'
    : a.is === 'open'
      ? b.is === 'open' && a.wait === b.wait
      : b.is === 'gone' && a.permissionId === b.permissionId

const isWriting = () =>
  document.activeElement instanceof HTMLTextAreaElement && document.activeElement.value !== ''
