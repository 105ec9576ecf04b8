import type { Session, SessionId } from '@bellhop/core'
import Plus from 'lucide-solid/icons/plus'
import Search from 'lucide-solid/icons/search'
import { createMemo, For, type JSX, Show } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import { now } from '../../platform/now.ts'
import { searchPath, sessionPath } from '../../platform/parse-route.ts'
import { go, route } from '../../platform/router.ts'
import { updateReady, useUpdate } from '../../platform/service-worker-link.ts'
import { useShortcuts } from '../../platform/shortcuts.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { moment } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { SlidersGlyph } from '../../ui/glyphs.tsx'
import { Icon } from '../../ui/icon.tsx'
import { type Arrangement, arrange, headline, holdOrder, tally } from './arrange.ts'
import { FirstRun, Skeleton } from './empty-list.tsx'
import { createGlide } from './glide.ts'
import { SessionRow } from './session-row.tsx'
import './sessions.css'
import { createTouching } from './touch-calm.ts'
import { WaitingSlip } from './waiting-slip.tsx'

/** The list: who needs a person, for what and since when; then what runs; then what ended. */
export function SessionsScreen(props: { beside?: boolean }) {
  const app = useApp()
  const touching = createTouching()
  let scroller: HTMLElement | undefined
  /** Whether the line is live; like the order, it changes nothing under a finger. */
  const steady = createMemo<boolean>((held) =>
    touching() && held !== undefined ? held : app.current(),
  )
  const offersUpdate = createMemo<boolean>((held) => (touching() ? (held ?? false) : updateReady()))
  const list = createMemo<Arrangement>((held) => {
    const fresh = arrange(app.sessions.shown(), app.seen.since)
    return touching() && held ? holdOrder(held, fresh) : fresh
  })
  const ids = createMemo(() =>
    Object.values(list())
      .flat()
      .map((session) => session.sessionId),
  )
  const order = createMemo(() =>
    [steady(), ...Object.values(list()).map((part) => part.map((one) => one.sessionId))].join(),
  )
  createGlide({ root: () => scroller, order, touching })
  const step = (by: number) => {
    const place = route()
    const at = place.at === 'session' ? ids().indexOf(place.sessionId as SessionId) : -1
    const next = ids()[at === -1 ? (by > 0 ? 0 : ids().length - 1) : at + by]
    if (!next) return
    go(sessionPath(next), place.at === 'session')
    scroller?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }
  const mayStart = () => app.may('drive') && app.places().length > 0
  const maySearch = () => app.sessions.shown().length > 0
  if (props.beside)
    useShortcuts({
      j: () => step(1),
      k: () => step(-1),
      '/': () => maySearch() && go(searchPath()),
      n: () => mayStart() && go('#/start'),
    })
  const calm = () => list().waiting.length === 0
  const empty = () => app.hasSnapshot() && app.sessions.shown().length === 0
  const loading = () => !app.hasSnapshot()
  if (!props.beside)
    useTopColour(() => (calm() ? 'canvas' : app.current() ? 'waiting-field' : 'fill'))

  const row = (session: () => Session) => (
    <SessionRow
      session={session()}
      activity={app.sessions.activity(session().sessionId)?.text}
      isCurrent={app.current()}
      seen={session().statusAt <= app.seen.since(session().sessionId)}
      showMachine={app.sessions.machines() > 1}
    />
  )
  const since = () => timeWords(app.heardMs(), now())

  return (
    <>
      <Dynamic
        component={props.beside ? 'nav' : 'main'}
        ref={(element: HTMLElement) => {
          scroller = element
        }}
        class="scroller"
        aria-labelledby="list-title"
      >
        <section
          class={cx('tray', calm() ? 'calm' : app.current() ? 'field' : 'field-stale')}
          aria-labelledby="list-title"
        >
          <header class="tray-head">
            <div>
              <h1 id="list-title" tabindex="-1">
                {loading()
                  ? `Asking ${app.machine()}`
                  : empty()
                    ? 'No sessions yet'
                    : headline(list().waiting.length, app.current())}
              </h1>
              <p role="status">
                {subline(app, list(), { loading: loading(), empty: empty(), since: since() })}
              </p>
            </div>
            <a class="icon-button" href="#/settings" aria-label="Settings">
              <SlidersGlyph />
            </a>
          </header>
          <Show when={!calm()}>
            <ul class="slips">
              <ById sessions={list().waiting}>
                {(session) => (
                  <WaitingSlip
                    session={session()}
                    isCurrent={steady()}
                    showMachine={app.sessions.machines() > 1}
                  />
                )}
              </ById>
            </ul>
            <Show when={!steady()}>
              <p class="field-note">
                Answers need a connection, because each may be gone by the time you are back.
                Messages can wait on this phone.
              </p>
            </Show>
          </Show>
        </section>
        <div
          class={cx('rest', (mayStart() || maySearch()) && 'over-dock')}
          data-glide="rest"
          data-glide-frame=""
        >
          <Show when={offersUpdate()}>
            <p class="update">
              <span>A new version of Bellhop is here.</span>
              <Button kind="link" onClick={useUpdate}>
                Use it
              </Button>
            </p>
          </Show>
          <Show when={loading()}>
            <Skeleton />
          </Show>
          <Show when={empty()}>
            <FirstRun />
          </Show>
          <Group
            title={app.current() ? 'Working' : `Were working${since() && ` at ${since()}`}`}
            sessions={list().working}
          >
            {row}
          </Group>
          <Group title="Since you last looked" sessions={list().fresh}>
            {row}
          </Group>
          <Group title="Earlier" sessions={list().earlier}>
            {row}
          </Group>
        </div>
      </Dynamic>
      <Show when={mayStart() || maySearch()}>
        <div class="dock">
          <Show when={maySearch()}>
            <a class="seek" href={searchPath()}>
              <Icon shape={Search} />
              <span>Search</span>
            </a>
          </Show>
          <Show when={mayStart()}>
            <Button kind="primary" href="#/start">
              <Icon shape={Plus} />
              New
            </Button>
          </Show>
        </div>
      </Show>
    </>
  )
}

const timeWords = (ms: number | undefined, nowMs: number) =>
  ms === undefined ? '' : moment(ms, nowMs)

function subline(
  app: ReturnType<typeof useApp>,
  list: Arrangement,
  is: { loading: boolean; empty: boolean; since: string },
): string {
  const { state } = app.connection()
  if (state === 'offline')
    return is.since ? `At ${is.since}, when this phone went offline` : 'This phone is offline'
  if (state === 'stale') {
    return is.since
      ? `No word from ${app.machine()} since ${is.since}`
      : `No word from ${app.machine()}`
  }
  if (is.loading) return 'Nothing is kept on this phone yet'
  if (state !== 'live')
    return is.since ? `At ${is.since}. Asking ${app.machine()}` : `Asking ${app.machine()}`
  if (is.empty) return `Connected to ${app.machine()}`
  return tally(list) ?? (list.waiting.length > 0 ? 'Nothing else runs' : 'Nothing runs')
}

/** Rows by session: one is redrawn when it changed, and moved when it moved. */
function ById(props: {
  sessions: readonly Session[]
  children: (session: () => Session) => JSX.Element
}) {
  const ids = createMemo(() => props.sessions.map((session) => session.sessionId))
  const known = createMemo(
    () => new Map(props.sessions.map((session) => [session.sessionId, session])),
  )
  return (
    <For each={ids()}>
      {(id) => {
        const session = createMemo<Session | undefined>((last) => known().get(id) ?? last)
        return <Show when={session()}>{(one) => props.children(one)}</Show>
      }}
    </For>
  )
}

function Group(props: {
  title: string
  sessions: readonly Session[]
  children: (session: () => Session) => JSX.Element
}) {
  return (
    <Show when={props.sessions.length > 0}>
      <section class="group" aria-label={props.title}>
        <h2 data-glide={props.title}>{props.title}</h2>
        <ById sessions={props.sessions}>{props.children}</ById>
      </section>
    </Show>
  )
}
