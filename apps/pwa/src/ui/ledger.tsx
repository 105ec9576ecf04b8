import ChevronDown from 'lucide-solid/icons/chevron-down'
import { createUniqueId, type JSX, Show } from 'solid-js'
import { cx } from './cx.ts'
import { Icon, type IconShape } from './icon.tsx'
import './ledger.css'

/** One card for calls that follow each other. */
export function Ledger(props: { label: string; children: JSX.Element }) {
  return (
    <section class="ledger" aria-label={props.label}>
      {props.children}
    </section>
  )
}

/** One line of the ledger, which opens when there is more to see. */
export function Entry(props: {
  icon: IconShape
  flipIcon?: boolean
  what: JSX.Element
  out?: JSX.Element
  open?: boolean
  /** Somebody was led to it by a search. */
  found?: boolean
  onToggle?: (open: boolean) => void
  /** Belongs to the line whether it is open or not, such as who allowed it. */
  after?: JSX.Element
  children?: JSX.Element
}) {
  const id = createUniqueId()
  const line = () => (
    <>
      <Icon shape={props.icon} flip={props.flipIcon ?? false} />
      <span class="entry-what">{props.what}</span>
      {props.out}
    </>
  )
  return (
    <div class={cx('entry', props.found && 'found-line')}>
      <Show when={props.onToggle} fallback={<div class="entry-line">{line()}</div>}>
        <button
          type="button"
          class="entry-line"
          aria-expanded={props.open ?? false}
          aria-controls={id}
          onClick={() => props.onToggle?.(!props.open)}
        >
          {line()}
          <Icon shape={ChevronDown} class="turn" />
        </button>
      </Show>
      <Show when={props.open && props.children}>
        <div class="entry-body" id={id}>
          {props.children}
        </div>
      </Show>
      {props.after}
    </div>
  )
}

/** Who decided, how and when, under the call it was about. */
export function Decision(props: { icon: IconShape; children: JSX.Element }) {
  return (
    <p class="decision">
      <Icon shape={props.icon} size="small" />
      <span>{props.children}</span>
    </p>
  )
}
