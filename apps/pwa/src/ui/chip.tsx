import { type JSX, splitProps } from 'solid-js'
import './chip.css'

/** A small side action. */
export function Chip(props: JSX.ButtonHTMLAttributes<HTMLButtonElement>) {
  const [own, native] = splitProps(props, ['children'])
  return (
    <button type="button" class="chip" {...native}>
      {own.children}
    </button>
  )
}

export function Chips(props: { children: JSX.Element }) {
  return <div class="chips">{props.children}</div>
}
