import { For, Show } from 'solid-js'
import './machine-text.css'
import { drawnPieces } from './reveal-hidden.ts'

/** Text a machine wrote, with every character that would not be seen drawn as a box with its code point. */
export function MachineText(props: { text: string }) {
  return (
    <For each={drawnPieces(props.text)}>
      {(piece) => (
        <Show when={piece.hidden} fallback={piece.text}>
          <span class="hidden-char">{piece.text}</span>
        </Show>
      )}
    </For>
  )
}

/** A command or an input as it would run, whole and wrapped. */
export function Command(props: { text: string; where?: string | undefined; small?: boolean }) {
  return (
    <pre class="command machine" classList={{ small: props.small ?? false }} tabindex="-1">
      <Show when={props.where}>
        <span class="where">
          <MachineText text={props.where ?? ''} />
        </span>
      </Show>
      <MachineText text={props.text} />
    </pre>
  )
}
