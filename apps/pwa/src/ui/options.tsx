import Check from 'lucide-solid/icons/check'
import { For, Show } from 'solid-js'
import { Icon, type IconShape } from './icon.tsx'
import './list.css'
import './options.css'

export type Option = { value: string; words: string; note?: string | undefined }

/** One of several values; choosing one is all there is to do, so a tap is enough. */
export function Options(props: {
  label: string
  icon?: IconShape
  /** True where the words are a machine's: an address, a path. */
  machine?: boolean
  options: readonly Option[]
  value: string | undefined
  onChoose: (value: string) => void
}) {
  return (
    <div class="list" role="radiogroup" aria-label={props.label}>
      <For each={props.options}>
        {(option) => {
          const chosen = () => option.value === props.value
          return (
            // biome-ignore lint/a11y/useSemanticElements: arrow keys on a native one would choose while looking.
            <button
              type="button"
              class="cell"
              role="radio"
              aria-checked={chosen()}
              onClick={() => props.onChoose(option.value)}
            >
              <Show when={props.icon}>{(shape) => <Icon shape={shape()} />}</Show>
              <span class="cell-text">
                <span classList={{ 'option-machine': props.machine ?? false }} dir="auto">
                  {option.words}
                </span>
                <Show when={option.note}>
                  <small dir="auto">{option.note}</small>
                </Show>
              </span>
              <Show when={chosen()}>
                <Icon shape={Check} class="tick" />
              </Show>
            </button>
          )
        }}
      </For>
    </div>
  )
}
