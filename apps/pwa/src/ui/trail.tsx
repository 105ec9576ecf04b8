import { For } from 'solid-js'
import { clock } from '../platform/times.ts'
import './trail.css'

/** Where something has been, and when, oldest first. */
export function Trail(props: {
  steps: readonly { readonly words: string; readonly atMs: number }[]
}) {
  return (
    <ol class="trail">
      <For each={props.steps}>
        {(step) => (
          <li>
            <time>{clock(step.atMs, true)}</time>
            <span>{step.words}</span>
          </li>
        )}
      </For>
    </ol>
  )
}
