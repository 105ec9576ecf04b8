import { createEffect, createMemo, lazy, Match, on, Show, Suspense, Switch } from 'solid-js'
import { polite, urgent } from './platform/announce.ts'
import { sessionPath } from './platform/parse-route.ts'
import { go, route } from './platform/router.ts'
import { wide } from './platform/wide.ts'
import { watchBadge } from './push/badge.ts'
import { resubscribe } from './push/subscription.ts'
import { SessionsScreen } from './screens/sessions/sessions-screen.tsx'
import { announceAsks } from './state/announce-asks.ts'
import { AppProvider, type AppState } from './state/app-state.ts'
import { watchPresence } from './state/presence.ts'
import { look } from './state/settings.ts'

const SessionScreen = lazy(() =>
  import('./screens/session/session-screen.tsx').then((m) => ({ default: m.SessionScreen })),
)
const PairScreen = lazy(() =>
  import('./screens/pair/pair-screen.tsx').then((m) => ({ default: m.PairScreen })),
)
const RemovedScreen = lazy(() =>
  import('./screens/removed/removed-screen.tsx').then((m) => ({ default: m.RemovedScreen })),
)
const SettingsScreen = lazy(() =>
  import('./screens/settings/settings-screen.tsx').then((m) => ({ default: m.SettingsScreen })),
)
const NotificationsScreen = lazy(() =>
  import('./screens/settings/notifications-screen.tsx').then((m) => ({
    default: m.NotificationsScreen,
  })),
)
const SourcesScreen = lazy(() =>
  import('./screens/settings/sources-screen.tsx').then((m) => ({ default: m.SourcesScreen })),
)
const StartScreen = lazy(() =>
  import('./screens/start/start-screen.tsx').then((m) => ({ default: m.StartScreen })),
)
const SearchScreen = lazy(() =>
  import('./screens/search/search-screen.tsx').then((m) => ({ default: m.SearchScreen })),
)
const DevicesScreen = lazy(() =>
  import('./screens/settings/devices-screen.tsx').then((m) => ({ default: m.DevicesScreen })),
)
const DoneScreen = lazy(() =>
  import('./screens/settings/done-screen.tsx').then((m) => ({ default: m.DoneScreen })),
)

/** The frame around every screen, and the choice of which one it is. */
export function App(props: { app: AppState }) {
  const app = props.app
  const place = createMemo(() => {
    if (!app.ready()) return 'nothing'
    if (app.connection().state === 'removed') return 'removed'
    if (!app.pairing()) return 'pair'
    const { at } = route()
    return at.startsWith('pair') ? 'sessions' : at
  })

  /** The session of the address, or the one it is joined to and shown as. */
  const sessionIdOf = createMemo(() => {
    const now = route()
    return now.at === 'session' ? app.sessions.shownFor(now.sessionId) : undefined
  })
  const searchedId = createMemo(() => {
    const now = route()
    return now.at === 'search' ? now.sessionId : undefined
  })
  createEffect(() => {
    const now = route()
    const shown = sessionIdOf()
    if (now.at === 'session' && shown !== undefined && shown !== now.sessionId)
      go(sessionPath(shown, now.permissionId), true)
  })

  createEffect(() => {
    document.documentElement.dataset.theme = look() === 'system' ? '' : look()
  })
  createEffect(
    on(place, (now, before) => {
      if (app.pairing() && route().at.startsWith('pair')) go('#/', true)
      if (before !== undefined && before !== now) focusTitle()
    }),
  )
  watchBadge(app)
  watchPresence(app)
  announceAsks(app)
  createEffect(on(app.current, (live) => live && void resubscribe(app)))

  return (
    <AppProvider value={app}>
      <div class="frame">
        <Suspense>
          <Switch>
            <Match when={wide() && (place() === 'sessions' || place() === 'session')}>
              <div class="split">
                <div class="split-side">
                  <SessionsScreen beside />
                </div>
                <div class="split-main">
                  <Suspense>
                    <Show
                      when={sessionIdOf()}
                      keyed
                      fallback={<p class="split-empty">Choose a session.</p>}
                    >
                      {(id) => <SessionScreen sessionId={id} />}
                    </Show>
                  </Suspense>
                </div>
              </div>
            </Match>
            <Match when={place() === 'sessions'}>
              <SessionsScreen />
            </Match>
            <Match when={place() === 'session'}>
              <Show when={sessionIdOf()} keyed>
                {(id) => <SessionScreen sessionId={id} />}
              </Show>
            </Match>
            <Match when={place() === 'search'}>
              <SearchScreen sessionId={searchedId()} />
            </Match>
            <Match when={place() === 'start'}>
              <StartScreen />
            </Match>
            <Match when={place() === 'settings'}>
              <SettingsScreen />
            </Match>
            <Match when={place() === 'sources'}>
              <SourcesScreen />
            </Match>
            <Match when={place() === 'notifications'}>
              <NotificationsScreen />
            </Match>
            <Match when={place() === 'devices'}>
              <DevicesScreen />
            </Match>
            <Match when={place() === 'done'}>
              <DoneScreen />
            </Match>
            <Match when={place() === 'pair'}>
              <PairScreen />
            </Match>
            <Match when={place() === 'removed'}>
              <RemovedScreen />
            </Match>
          </Switch>
        </Suspense>
        <div class="visually-hidden" aria-live="polite">
          {polite()}
        </div>
        <div class="visually-hidden" aria-live="assertive">
          {urgent()}
        </div>
      </div>
    </AppProvider>
  )
}

/** Moves focus to the new screen's title, so that who listens hears where they are. */
function focusTitle() {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('h1[tabindex="-1"]')?.focus())
}
