import { type JSX, Show } from 'solid-js'
import { cx } from './cx.ts'
import { StateGlyph } from './state-glyph.tsx'
import './strip.css'

/** What goes on right now, in one line above the composer; `working` adds the turning ring and the gleam. */
export function Strip(props: {
  working?: boolean
  text: string
  since?: string | undefined
  icon?: JSX.Element
  children?: JSX.Element
}) {
  return (
    <>
      <Show when={props.working}>
        <i class="gleam" aria-hidden="true" />
      </Show>
      <div class={cx('strip', props.working && 'working')}>
        <Show when={props.working} fallback={props.icon}>
          <StateGlyph state="working" silent />
        </Show>
        <span class="clip" role="status">
          {props.text}
        </span>
        <Show when={props.since}>
          <span class="age num">{props.since}</span>
        </Show>
        {props.children}
      </div>
    </>
  )
}
