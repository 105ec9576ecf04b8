import ChevronLeft from 'lucide-solid/icons/chevron-left'
import { type JSX, Show } from 'solid-js'
import './bar.css'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'

/** The strip at the top of a screen. */
export function Bar(props: { lined?: boolean; field?: boolean; children: JSX.Element }) {
  return (
    <header class={cx('bar', props.lined && 'lined', props.field && 'field')}>
      {props.children}
    </header>
  )
}

/** The way back, with how many other sessions wait, or waited when that was last known. */
export function Back(props: { href: string; label: string; waiting?: number; past?: boolean }) {
  return (
    <a class="back" href={props.href} aria-label={props.label}>
      <Icon shape={ChevronLeft} size="large" flip />
      <Show when={props.waiting}>
        <b class={cx('count', props.past && 'past')}>{props.waiting}</b>
      </Show>
    </a>
  )
}
