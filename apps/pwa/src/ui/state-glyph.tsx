import { Match, Switch } from 'solid-js'
import { cx } from './cx.ts'
import './icon.css'
import './state-glyph.css'

export type StateShape = 'working' | 'done' | 'failed' | 'idle' | 'ended' | 'unknown'

const WORDS: Record<StateShape, string> = {
  working: 'Working',
  done: 'Finished',
  failed: 'Failed',
  idle: 'Your move',
  ended: 'Ended',
  unknown: 'Not known',
}

/** A state as a shape with its word: ring with arc, ring with tick, octagon, ring, dashed ring. */
export function StateGlyph(props: { state: StateShape; small?: boolean; silent?: boolean }) {
  return (
    <svg
      viewBox="0 0 24 24"
      class={cx('icon state', props.state, props.small && 'small')}
      role="img"
      aria-label={WORDS[props.state]}
      aria-hidden={props.silent ? 'true' : undefined}
    >
      <Switch>
        <Match when={props.state === 'working'}>
          <circle cx="12" cy="12" r="8.5" opacity=".28" />
          <path d="M12 3.5a8.5 8.5 0 0 1 8.5 8.5" />
        </Match>
        <Match when={props.state === 'done'}>
          <circle cx="12" cy="12" r="8.5" />
          <path d="m8.3 12.3 2.6 2.6 4.9-5.3" />
        </Match>
        <Match when={props.state === 'failed'}>
          <path d="M8.5 3.5h7l5 5v7l-5 5h-7l-5-5v-7ZM12 8v4.5M12 15.9v.1" />
        </Match>
        <Match when={props.state === 'ended' || props.state === 'idle'}>
          <circle cx="12" cy="12" r="8.5" />
        </Match>
        <Match when={props.state === 'unknown'}>
          <circle cx="12" cy="12" r="8.5" stroke-dasharray="3.1 3.575" />
        </Match>
      </Switch>
    </svg>
  )
}
