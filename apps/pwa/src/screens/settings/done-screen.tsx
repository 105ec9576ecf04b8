import { type AuditEntry, commandWords } from '@bellhop/core'
import { createSignal, For, onMount, Show } from 'solid-js'
import { now } from '../../platform/now.ts'
import { sessionPath } from '../../platform/parse-route.ts'
import { useTopColour } from '../../platform/theme-color.ts'
import { ago } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import { AgentName } from '../../ui/agent-name.tsx'
import { Back, Bar } from '../../ui/bar.tsx'
import { cx } from '../../ui/cx.ts'
import { CellButton, List, Section } from '../../ui/list.tsx'
import { MachineText } from '../../ui/machine-text.tsx'
import './settings.css'
import './done-screen.css'

const PAGE = 50

/** Who asked for what, when, and what came of it: the relay’s audit log, newest first. */
export function DoneScreen() {
  const app = useApp()
  const [entries, setEntries] = createSignal<readonly AuditEntry[]>()
  const [hasMore, setHasMore] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal('')
  useTopColour(() => 'canvas')

  const read = async () => {
    const known = entries() ?? []
    const before = known.at(-1)?.number
    setBusy(true)
    try {
      const page = await app
        .client()
        .call('auditLog', { limit: PAGE, ...(before !== undefined && { before }) })
      setEntries([...known, ...page.entries])
      setHasMore(page.hasMore)
      setProblem('')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'The log could not be read.')
    } finally {
      setBusy(false)
    }
  }
  onMount(() => void read())
  return (
    <>
      <Bar>
        <Back href="#/settings" label="Settings" />
      </Bar>
      <main class="scroller page settings">
        <h1 class="page-title" tabindex="-1">
          What was done
        </h1>
        <p class="lede done-lede">
          What each device asked of your sessions, and what came of it. Refusals too.
        </p>
        <Section note="Kept for a year. Nothing here can be changed.">
          <Show
            when={entries()}
            fallback={<p class="hint">{problem() || `Asking ${app.machine()}`}</p>}
          >
            {(all) => (
              <Show when={all().length > 0} fallback={<p class="hint">Nothing was asked yet.</p>}>
                <List>
                  <For each={all()}>{(entry) => <DoneCell entry={entry} />}</For>
                  <Show when={hasMore()}>
                    <CellButton
                      title={busy() ? 'Reading' : 'Earlier'}
                      disabled={busy()}
                      onClick={() => void read()}
                    />
                  </Show>
                </List>
              </Show>
            )}
          </Show>
          <Show when={entries() && problem()}>
            <span class="outcome bad" role="alert">
              {problem()}
            </span>
          </Show>
        </Section>
      </main>
    </>
  )
}

const OUTCOMES: Record<AuditEntry['outcome'], string> = {
  pending: 'Under way',
  done: 'Done',
  refused: 'Not done',
  unconfirmed: 'Not confirmed',
}

function DoneCell(props: { entry: AuditEntry }) {
  const who = () => {
    const { by } = props.entry
    return by.kind === 'device' ? by.name : 'The relay'
  }
  const isAgent = () => props.entry.by.kind === 'device' && props.entry.by.agent !== undefined
  const came = () => {
    const { outcome, held, text, code } = props.entry
    if (held) return 'Waits for a yes'
    const why = outcome === 'done' ? '' : (text ?? code ?? '')
    return `${OUTCOMES[outcome]}${why === '' ? '' : `. ${why}`}`
  }
  return (
    <div class="cell column done-cell">
      <div class="done-head">
        <b>{commandWords(props.entry.commandType)}</b>
        <time dateTime={props.entry.at}>{ago(Date.parse(props.entry.at), now())}</time>
      </div>
      <Show when={props.entry.about}>
        <p class="done-about" dir="auto">
          <MachineText text={props.entry.about} />
        </p>
      </Show>
      <p class="hint">
        <Show when={isAgent()} fallback={<span dir="auto">{who()}</span>}>
          <AgentName name={who()} />
        </Show>
        <Show when={props.entry.sessionId}>
          {(id) => (
            <>
              {' · '}
              <a href={sessionPath(id())} dir="auto">
                {props.entry.sessionTitle ?? 'A session'}
              </a>
            </>
          )}
        </Show>
      </p>
      <p class={cx('done-came', props.entry.outcome === 'refused' && 'bad')}>{came()}</p>
    </div>
  )
}
