import type { JSX } from 'solid-js'
import './more.css'

/** The last line of something cut short: opens all of it. */
export function More(props: { onClick: () => void; children: JSX.Element }) {
  return (
    <button type="button" class="more" onClick={() => props.onClick()}>
      {props.children}
    </button>
  )
}
