import Check from 'lucide-solid/icons/check'
import { type JSX, Show } from 'solid-js'
import './choice.css'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'

/** One of several answers: round when only one may be chosen, square when any number may. */
export function Choice(props: {
  name: string
  multiple?: boolean
  checked: boolean
  title: JSX.Element
  note?: string | undefined
  onChange: (checked: boolean) => void
  children?: JSX.Element
}) {
  return (
    <label class="choice">
      <input
        type={props.multiple ? 'checkbox' : 'radio'}
        name={props.name}
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <i class={cx('pick', props.multiple && 'square')} aria-hidden="true">
        <Icon shape={Check} />
      </i>
      <span>
        <b dir="auto">{props.title}</b>
        <Show when={props.note}>
          <small dir="auto">{props.note}</small>
        </Show>
        {props.children}
      </span>
    </label>
  )
}
