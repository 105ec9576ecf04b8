import { type JSX, Show, splitProps } from 'solid-js'
import './button.css'
import { cx } from './cx.ts'

type Native = JSX.ButtonHTMLAttributes<HTMLButtonElement>

/** A labelled button; `kind` says how loud it is, `href` makes it a link that looks the same. */
export function Button(
  props: Native & { kind?: 'primary' | 'quiet' | 'link'; big?: boolean; href?: string },
) {
  const [own, native] = splitProps(props, ['kind', 'big', 'class', 'href', 'children'])
  const classes = () => cx('button', own.kind, own.big && 'big', own.class)
  return (
    <Show
      when={own.href}
      fallback={
        <button type="button" {...native} class={classes()}>
          {own.children}
        </button>
      }
    >
      <a href={own.href} class={classes()}>
        {own.children}
      </a>
    </Show>
  )
}

/** A round target for one icon; the label is its accessible name. */
export function IconButton(props: Native & { label: string }) {
  const [own, native] = splitProps(props, ['label', 'class', 'children'])
  return (
    <button type="button" {...native} class={cx('icon-button', own.class)} aria-label={own.label}>
      {own.children}
    </button>
  )
}

/** Buttons side by side that stack when their words need the room. */
export function Actions(props: { lead?: boolean; children: JSX.Element }) {
  return <div class={cx('actions', props.lead && 'lead')}>{props.children}</div>
}
