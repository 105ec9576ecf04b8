import { type JSX, Show } from 'solid-js'
import { cx } from './cx.ts'
import './slip.css'

/** What was said to the session: filled once it has left this phone, outlined while it has not. */
export function Slip(props: {
  who: JSX.Element
  /** True when it is none of the person's own words: another agent's. */
  foreign?: boolean
  mark?: JSX.Element
  here?: boolean
  text: string
  foot?: JSX.Element
  children?: JSX.Element
}) {
  return (
    <article class={cx('slip', props.here && 'here', props.foreign && 'foreign')}>
      <header>
        <b>{props.who}</b>
        {props.mark}
      </header>
      <p class="words" dir="auto">
        {props.text}
      </p>
      {props.children}
      <Show when={props.foot}>
        <div class="slip-foot">{props.foot}</div>
      </Show>
    </article>
  )
}
