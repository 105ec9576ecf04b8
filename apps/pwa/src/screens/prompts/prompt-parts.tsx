import type { OpenPermission, Session } from '@bellhop/core'
import { createSignal, type JSX, onCleanup, onMount, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Age } from '../../ui/age.tsx'
import { titleOf } from '../sessions/arrange.ts'

export type PromptProps = {
  readonly session: Session
  readonly wait: OpenPermission
  /** Why it cannot be answered now; undefined when it can. */
  readonly hindrance: string | undefined
  /** `1 of 3` when the session asks several things. */
  readonly position: string | undefined
  readonly onAside: () => void
  readonly onTalk: () => void
}

/** Who asks: the project, the session or its subagent, and since when. */
export function From(props: { session: Session; wait: OpenPermission; right?: JSX.Element }) {
  return (
    <p class="sheet-from">
      <span class="clip">
        <Show when={props.session.project}>
          <span class="mono">{props.session.project}</span>
        </Show>
        <bdi>
          {props.wait.subagent
            ? `Subagent ${props.wait.subagent.description ?? props.wait.subagent.agentType ?? ''} asks`
            : titleOf(props.session)}
        </bdi>
      </span>
      <span class="num">{props.right ?? <Age at={Date.parse(props.wait.askedAt)} class="" />}</span>
    </p>
  )
}

/** How an answer to an ask stands, in the words a button or a line needs. */
export function createAnswering(permissionId: () => string) {
  const app = useApp()
  const state = () => app.answers.of(permissionId())
  return {
    /** What is being done, such as "Allowing"; undefined when nothing is. */
    busy: () => {
      const now = state()
      return now &&
        (now.stage === 'sending' || now.stage === 'unconfirmed' || now.stage === 'taken')
        ? now.words
        : undefined
    },
    line: () => {
      const now = state()
      if (now?.stage === 'unconfirmed') return now.text ?? 'Not confirmed. Looking it up.'
      if (now?.stage === 'refused' || now?.stage === 'failed') return now.text
      return undefined
    },
    failed: () => state()?.stage === 'refused' || state()?.stage === 'failed',
  }
}

/** Watches whether the end of what is asked has been on the screen. Once seen is seen. */
export function createSeenToEnd() {
  const [seen, setSeen] = createSignal(false)
  let body: HTMLElement | undefined
  let end: HTMLElement | undefined
  onMount(() => {
    if (!body || !end) return setSeen(true)
    const watcher = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          setSeen(true)
          watcher.disconnect()
        }
      },
      { root: body, rootMargin: '0px 0px 2px 0px' },
    )
    watcher.observe(end)
    onCleanup(() => watcher.disconnect())
  })
  return {
    seen,
    bodyRef: (element: HTMLElement) => {
      body = element
    },
    endRef: (element: HTMLElement) => {
      end = element
    },
    /** Turns one page further. */
    readOn: () => body?.scrollBy({ top: body.clientHeight * 0.8, behavior: 'smooth' }),
  }
}
