import type { OpenPermission } from '@bellhop/core'
import Ellipsis from 'lucide-solid/icons/ellipsis'
import CloudOff from 'lucide-solid/icons/wifi-off'
import { createEffect, createMemo, createSignal, Show } from 'solid-js'
import { now } from '../../platform/now.ts'
import { sessionPath } from '../../platform/parse-route.ts'
import { go, route } from '../../platform/router.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { useApp } from '../../state/app-state.ts'
import { createTranscript } from '../../state/transcript-store.ts'
import { Back, Bar } from '../../ui/bar.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { MetaLine } from '../../ui/meta-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { opensByItself, PromptHost } from '../prompts/prompt-host.tsx'
import { headline, titleOf } from '../sessions/arrange.ts'
import { awayWords, staleWords } from '../stale-words.ts'
import { TranscriptProvider } from './session-context.ts'
import { SessionDetails } from './session-details.tsx'
import { SessionFoot } from './session-foot.tsx'
import { TranscriptView } from './transcript-view.tsx'

/** One session: its words and calls, what goes on now, and where to answer. */
export function SessionScreen(props: { sessionId: string }) {
  const app = useApp()
  const store = app.transcript(props.sessionId, createTranscript)
  const session = createMemo(() => app.sessions.get(props.sessionId))
  const [details, setDetails] = createSignal(false)
  const [put, setPut] = createSignal<{ text: string }>()
  const [focus, setFocus] = createSignal(0)
  const [aside, setAside] = createSignal<ReadonlySet<string>>(new Set())
  const waitingElsewhere = createMemo(
    () =>
      app.sessions
        .shown()
        .filter((one) => one.status === 'waiting' && one.sessionId !== props.sessionId).length,
  )
  const away = () => {
    const known = session()
    return known && known.status !== 'ended' ? awayWords(known, now()) : undefined
  }
  useTopColour(() => 'canvas')
  createEffect(() => {
    const known = session()
    if (known && document.visibilityState === 'visible')
      app.seen.mark(props.sessionId, known.statusAt)
  })

  const wanted = () => {
    const place = route()
    return place.at === 'session' ? place.permissionId : undefined
  }
  const found = createMemo(() => {
    const place = route()
    return place.at === 'session' && place.sessionId === props.sessionId ? place.found : undefined
  })
  const putAside = (permissionId: string) => {
    setAside(new Set([...aside(), permissionId]))
    go(sessionPath(props.sessionId), true)
  }
  const review = (wait: OpenPermission) => {
    setAside(new Set([...aside()].filter((id) => id !== wait.permissionId)))
    go(sessionPath(props.sessionId, wait.permissionId), true)
  }
  /** Asks that are not on the screen: the oldest of the session's own, and the oldest of an agent. */
  const tickets = createMemo(() => {
    const resting =
      session()?.waits.filter(
        (wait) =>
          aside().has(wait.permissionId) ||
          !app.current() ||
          (!opensByItself(wait) && wanted() !== wait.permissionId),
      ) ?? []
    const isHeld = ({ ask }: OpenPermission) => ask.kind === 'agent'
    return [resting.find((wait) => !isHeld(wait)), resting.find(isHeld)].filter(
      (wait) => wait !== undefined,
    )
  })
  const backLabel = () =>
    waitingElsewhere() > 0
      ? `All sessions, ${headline(waitingElsewhere(), app.current())}`
      : 'All sessions'

  return (
    <>
      <Bar lined>
        <Back href="#/" label={backLabel()} waiting={waitingElsewhere()} past={!app.current()} />
        <div class="bar-who">
          <h1 class="clip" tabindex="-1" dir="auto">
            {session() ? titleOf(session() as NonNullable<ReturnType<typeof session>>) : 'Session'}
          </h1>
          <MetaLine
            project={session()?.project ?? undefined}
            branch={session()?.branch ?? undefined}
            machine={app.sessions.machines() > 1 ? session()?.machine : undefined}
          />
        </div>
        <Show when={session()}>
          <IconButton label="More about this session" onClick={() => setDetails(true)}>
            <Icon shape={Ellipsis} size="large" />
          </IconButton>
        </Show>
      </Bar>
      <Show when={staleWords(app.connection(), app.machine())}>
        {(words) => (
          <Notice
            icon={CloudOff}
            title={words().title}
            action={
              <Button kind="quiet" onClick={app.poke}>
                Try now
              </Button>
            }
          >
            {words().text}
          </Notice>
        )}
      </Show>
      <Show when={app.current() && away()}>
        {(words) => (
          <Notice icon={CloudOff} title={words()}>
            What you see may be out of date.
          </Notice>
        )}
      </Show>
      <main class="transcript-frame">
        <TranscriptProvider value={store}>
          <TranscriptView
            sessionId={props.sessionId}
            store={store}
            cwd={session()?.cwd ?? null}
            found={found()}
            asks={session()?.status === 'waiting' && app.current()}
            onEdit={(text) => setPut({ text })}
          />
        </TranscriptProvider>
      </main>
      <Show when={session()} fallback={<Unknown ready={store.state() === 'ready'} />}>
        {(known) => (
          <>
            <SessionFoot
              session={known()}
              aside={tickets()}
              onReview={review}
              put={put()}
              focus={focus()}
            />
            <PromptHost
              session={known()}
              store={store}
              wanted={wanted()}
              aside={aside()}
              onAside={putAside}
              onDone={() => go(sessionPath(props.sessionId), true)}
              onTalk={() => setFocus(focus() + 1)}
            />
            <Show when={details()}>
              <TranscriptProvider value={store}>
                <SessionDetails session={known()} onDismiss={() => setDetails(false)} />
              </TranscriptProvider>
            </Show>
          </>
        )}
      </Show>
    </>
  )
}

function Unknown(props: { ready: boolean }) {
  const app = useApp()
  return (
    <footer class="foot">
      <p class="transcript-empty">
        {app.current() && app.hasSnapshot() && props.ready
          ? 'The relay does not know this session.'
          : `Asking ${app.machine()}`}
      </p>
    </footer>
  )
}
