import { For } from 'solid-js'
import './segments.css'

/** A choice of a few short words, one always taken. */
export function Segments(props: {
  labelledBy: string
  choices: readonly { value: string; words: string }[]
  value: string
  onChange: (value: string) => void
}) {
  return (
    <fieldset class="segments" aria-labelledby={props.labelledBy}>
      <For each={props.choices}>
        {(choice) => (
          <button
            type="button"
            aria-pressed={choice.value === props.value}
            onClick={() => props.onChange(choice.value)}
          >
            {choice.words}
          </button>
        )}
      </For>
    </fieldset>
  )
}
