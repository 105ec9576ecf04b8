import { createMemo, For, Match, Show, Switch } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { downSource } from '../../state/source-health.ts'
import type { TranscriptStore } from '../../state/transcript-store.ts'
import { Button } from '../../ui/button.tsx'
import { CodeWords } from '../../ui/code-words.tsx'
import { useTranscript } from './session-context.ts'

const WIDTHS = [88, 96, 62, 91, 44]

/** The first line of a transcript that goes on before it: that older words are being read, or why they could not be. */
export function OlderWords() {
  const store = useTranscript()
  return (
    <div class="transcript-older">
      <Show when={store.olderProblem()} fallback={<p>Reading earlier words</p>}>
        <Problem store={store} />
      </Show>
    </div>
  )
}

/** Where words will stand: that they are being read in, that there are none, or why they could not be read. */
export function EmptyTranscript(props: { store: TranscriptStore }) {
  const app = useApp()
  const session = createMemo(() => app.sessions.get(props.store.sessionId))
  const down = () => {
    const known = session()
    return known && downSource(app, known.sourceId)
  }
  /** Something was said there that has not come here. */
  const isUnread = () => props.store.hasMore() || session()?.lastLine != null
  return (
    <div class="transcript-empty">
      <Switch fallback={<ReadingIn />}>
        <Match when={props.store.olderProblem()}>
          <Problem store={props.store} />
        </Match>
        <Match when={props.store.state() !== 'ready'}>
          <Show when={session()?.lastLine != null} fallback={<Asking />}>
            <ReadingIn />
          </Show>
        </Match>
        <Match when={isUnread() && down()}>
          {(source) => (
            <p role="status">
              {source().title} cannot be read just now. <CodeWords text={source().text} />
            </p>
          )}
        </Match>
        <Match when={!isUnread()}>
          <p>Nothing has been said yet.</p>
        </Match>
      </Switch>
    </div>
  )
}

function Asking() {
  const app = useApp()
  return <p>Asking {app.machine()} for the transcript</p>
}

function ReadingIn() {
  return (
    <>
      <p role="status">Reading it in</p>
      <div class="skeleton-words" aria-hidden="true">
        <For each={WIDTHS}>{(width) => <i style={{ 'inline-size': `${width}%` }} />}</For>
      </div>
    </>
  )
}

function Problem(props: { store: TranscriptStore }) {
  const app = useApp()
  return (
    <>
      <p role="status">
        <CodeWords
          text={`Earlier words could not be read. ${
            props.store.olderProblem()?.text ?? `${app.machine()} did not answer.`
          }`}
        />
      </p>
      <Button kind="quiet" onClick={() => void props.store.loadOlder()}>
        Try again
      </Button>
    </>
  )
}
