import { For, Show } from 'solid-js'
import './code-words.css'
import { MachineText } from './machine-text.tsx'

/** A sentence in which what stands between backticks is machine text: a command, a path, a pattern. */
export function CodeWords(props: { text: string }) {
  return (
    <For each={props.text.split(/`([^`]+)`/)}>
      {(piece, at) => (
        <Show when={at() % 2 === 1} fallback={piece}>
          <code class="code-words machine">
            <MachineText text={piece} />
          </code>
        </Show>
      )}
    </For>
  )
}
