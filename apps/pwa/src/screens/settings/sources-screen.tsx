import ChevronDown from 'lucide-solid/icons/chevron-down'
import Copy from 'lucide-solid/icons/copy'
import { createMemo, createSignal, For, onMount, Show } from 'solid-js'
import { copyText } from '../../platform/clipboard.ts'
import { now } from '../../platform/now.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { moment } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { type SourceState, sourceStates } from '../../state/source-health.ts'
import { Back, Bar } from '../../ui/bar.tsx'
import { IconButton } from '../../ui/button.tsx'
import { CodeWords } from '../../ui/code-words.tsx'
import { Icon } from '../../ui/icon.tsx'
import { List, Section } from '../../ui/list.tsx'
import { MachineText } from '../../ui/machine-text.tsx'
import { Health } from './health.tsx'
import './settings.css'
import './sources-screen.css'

/** Where sessions come from, and what to do where one of these is cut off. */
export function SourcesScreen() {
  const app = useApp()
  useTopColour(() => 'canvas')
  onMount(() => void app.askRelay())
  const ids = createMemo(() => sourceStates(app).map((source) => source.sourceId))
  return (
    <>
      <Bar>
        <Back href="#/settings" label="Settings" />
      </Bar>
      <main class="scroller page settings">
        <h1 class="page-title" tabindex="-1">
          Sources
        </h1>
        <p class="lede sources-lede">Where sessions come from.</p>
        <Section>
          <List>
            <For each={ids()}>
              {(id) => (
                <Show when={sourceStates(app).find((one) => one.sourceId === id)}>
                  {(source) => <Source source={source()} />}
                </Show>
              )}
            </For>
          </List>
        </Section>
      </main>
    </>
  )
}

function Source(props: { source: SourceState }) {
  const app = useApp()
  const ill = () => props.source.state !== 'ok'
  const since = () => {
    const at = props.source.since
    return ill() && at ? `Since ${moment(Date.parse(at), now())}.` : ''
  }
  const running = () =>
    app.sessions
      .shown()
      .filter((one) => one.sourceId === props.source.sourceId && one.status !== 'ended').length
  const count = () => (running() === 1 ? '1 session' : `${running()} sessions`)
  /** What the sentence says to type, for a tap instead. */
  const command = () => (ill() ? /`([^`]+)`/.exec(props.source.text)?.[1] : undefined)
  return (
    <div class="cell column">
      <div class="source-head">
        <b>{props.source.title}</b>
        <Health state={props.source.state} />
      </div>
      <p class="hint" role={ill() ? 'status' : undefined}>
        {ill() ? since() : `${count()}.`} <CodeWords text={props.source.text} />
      </p>
      <Show when={command()}>
        {(words) => (
          <div class="fix source-fix">
            <code class="machine">
              <MachineText text={words()} />
            </code>
            <IconButton label={`Copy ${words()}`} onClick={() => void copyText(words())}>
              <Icon shape={Copy} size="small" />
            </IconButton>
          </div>
        )}
      </Show>
      <Show when={props.source.details?.length}>
        <Details lines={props.source.details ?? []} />
      </Show>
    </div>
  )
}

function Details(props: { lines: readonly string[] }) {
  const [open, setOpen] = createSignal(false)
  return (
    <div class="source-details">
      <button type="button" aria-expanded={open()} onClick={() => setOpen(!open())}>
        How it works just now
        <Icon shape={ChevronDown} size="small" class="turn" />
      </button>
      <Show when={open()}>
        <ul>
          <For each={props.lines}>
            {(line) => (
              <li dir="auto">
                <CodeWords text={line} />
              </li>
            )}
          </For>
        </ul>
      </Show>
    </div>
  )
}
