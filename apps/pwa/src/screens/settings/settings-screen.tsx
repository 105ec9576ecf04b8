import Check from 'lucide-solid/icons/check'
import ConciergeBell from 'lucide-solid/icons/concierge-bell'
import Laptop from 'lucide-solid/icons/laptop'
import Moon from 'lucide-solid/icons/moon'
import Plug from 'lucide-solid/icons/plug'
import ScrollText from 'lucide-solid/icons/scroll-text'
import Smartphone from 'lucide-solid/icons/smartphone'
import { createSignal, Show } from 'solid-js'
import { updateReady, useUpdate } from '../../platform/service-worker-link.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { clock } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { type Look, look, pushWanted, setLook } from '../../state/settings.ts'
import { type SourceState, sourceStates } from '../../state/source-health.ts'
import { Back, Bar } from '../../ui/bar.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'
import { Cell, CellButton, CellLink, List, Section } from '../../ui/list.tsx'
import { Segments } from '../../ui/segments.tsx'
import { mayWords } from '../may-words.ts'
import { ForgetSheet } from './forget-sheet.tsx'
import { Health } from './health.tsx'
import { NameCell } from './name-cell.tsx'
import './settings.css'

const LOOKS = [
  { value: 'system', words: 'Like the phone' },
  { value: 'light', words: 'Light' },
  { value: 'dark', words: 'Dark' },
]

/** The relay, this phone, and what runs here. */
export function SettingsScreen() {
  const app = useApp()
  const [leaving, setLeaving] = createSignal(false)
  useTopColour(() => 'canvas')
  return (
    <>
      <Bar>
        <Back href="#/" label="All sessions" />
      </Bar>
      <main class="scroller page settings">
        <h1 class="page-title" tabindex="-1">
          Settings
        </h1>
        <Section title="This relay">
          <List>
            <Cell
              icon={Laptop}
              title={app.machine()}
              machineNote={location.host}
              value={<LineHealth />}
            />
            <CellLink
              icon={Plug}
              title="Sources"
              value={<SourcesHealth />}
              href="#/settings/sources"
            />
            <Show when={app.may('admin')}>
              <CellLink icon={Smartphone} title="Devices" href="#/settings/devices" />
            </Show>
            <CellLink icon={ScrollText} title="What was done" href="#/settings/done" />
          </List>
        </Section>
        <Section
          title="This phone"
          note={`This phone may ${mayWords(app.pairing()?.scopes ?? [])}.`}
        >
          <List>
            <NameCell />
            <CellLink
              icon={ConciergeBell}
              title="Notifications"
              value={pushWanted() ? 'On' : 'Off'}
              href="#/settings/notifications"
            />
            <div class="cell column">
              <span class="cell look" id="look-label">
                <Icon shape={Moon} />
                <span class="cell-text">Look</span>
              </span>
              <Segments
                labelledBy="look-label"
                choices={LOOKS}
                value={look()}
                onChange={(value) => setLook(value as Look)}
              />
            </div>
          </List>
        </Section>
        <Section title="About">
          <List>
            <Cell
              title="Version"
              note={versionWords(app.relay()?.version)}
              value={<span class="mono">{__APP_VERSION__}</span>}
            />
            <Show when={updateReady()}>
              <CellButton
                title="Use the new version"
                note="It has been fetched and waits"
                onClick={useUpdate}
              />
            </Show>
            <CellButton bad title="Remove this phone" onClick={() => setLeaving(true)} />
          </List>
        </Section>
      </main>
      <Show when={leaving()}>
        <ForgetSheet onDismiss={() => setLeaving(false)} />
      </Show>
    </>
  )
}

function LineHealth() {
  const app = useApp()
  const words = () => {
    const connection = app.connection()
    if (connection.state === 'live') return 'Live'
    if (connection.state === 'offline') return 'This phone is offline'
    if (connection.state === 'stale')
      return connection.sinceMs ? `No word since ${clock(connection.sinceMs)}` : 'No word'
    return 'Connecting'
  }
  return (
    <span class={cx('health', app.current() ? 'ok' : 'off')}>
      <Show when={app.current()}>
        <Icon shape={Check} />
      </Show>
      {words()}
    </span>
  )
}

/** All sources in a word: that they are connected, or how many are not. */
function SourcesHealth() {
  const app = useApp()
  const count = (state: SourceState['state']) =>
    sourceStates(app).filter((source) => source.state === state).length
  const worst = () => (count('down') > 0 ? 'down' : count('degraded') > 0 ? 'degraded' : 'ok')
  const words = () => {
    const state = worst()
    if (state === 'ok') return undefined
    return `${count(state)} ${state === 'down' ? 'not connected' : 'limited'}`
  }
  return (
    <Show when={sourceStates(app).length > 0}>
      <Health state={worst()} words={words()} />
    </Show>
  )
}

const versionWords = (relay: string | undefined) =>
  relay === undefined
    ? undefined
    : relay === __APP_VERSION__
      ? 'App and relay run the same version'
      : `The relay runs ${relay}`
