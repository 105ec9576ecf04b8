import { type JSX, Show } from 'solid-js'
import { cx } from './cx.ts'
import { Icon, type IconShape } from './icon.tsx'
import './notice.css'

/** Something to know, in the flow of the screen: a bold line, what it means, and at most one thing to do. */
export function Notice(props: {
  icon: IconShape
  title: string
  bad?: boolean
  action?: JSX.Element
  children?: JSX.Element
}) {
  return (
    <div class={cx('notice', props.bad && 'bad')} role="status">
      <Icon shape={props.icon} />
      <div>
        <b>{props.title}</b>
        <Show when={props.children}>
          <p>{props.children}</p>
        </Show>
      </div>
      {props.action}
    </div>
  )
}
