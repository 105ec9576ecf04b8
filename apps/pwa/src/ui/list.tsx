import ChevronRight from 'lucide-solid/icons/chevron-right'
import { type JSX, Show } from 'solid-js'
import { cx } from './cx.ts'
import { Icon, type IconShape } from './icon.tsx'
import './list.css'

/** A titled group of cells. */
export function Section(props: { title?: string; note?: JSX.Element; children: JSX.Element }) {
  return (
    <section class="section">
      <Show when={props.title}>
        <h2>{props.title}</h2>
      </Show>
      {props.children}
      <Show when={props.note}>
        <p class="fine">{props.note}</p>
      </Show>
    </section>
  )
}

export function List(props: { children: JSX.Element }) {
  return <div class="list">{props.children}</div>
}

type CellProps = {
  icon?: IconShape
  title: string
  note?: JSX.Element
  machineNote?: string | undefined
  value?: JSX.Element
}

function CellBody(props: CellProps) {
  return (
    <>
      <Show when={props.icon}>{(shape) => <Icon shape={shape()} />}</Show>
      <span class="cell-text">
        {props.title}
        <Show when={props.note}>
          <small>{props.note}</small>
        </Show>
        <Show when={props.machineNote}>
          <small class="mono">{props.machineNote}</small>
        </Show>
      </span>
      <Show when={props.value}>
        <span class="cell-value">{props.value}</span>
      </Show>
    </>
  )
}

/** A fact. */
export function Cell(props: CellProps) {
  return (
    <div class="cell">
      <CellBody {...props} />
    </div>
  )
}

/** A way to another screen. */
export function CellLink(props: CellProps & { href: string }) {
  return (
    <a class="cell" href={props.href}>
      <CellBody {...props} />
      <Icon shape={ChevronRight} class="turn" flip />
    </a>
  )
}

/** Something to do. */
export function CellButton(
  props: CellProps & {
    bad?: boolean
    disabled?: boolean
    /** Says at the end of the line that something opens. */
    turn?: IconShape
    onClick: () => void
  },
) {
  return (
    <button
      type="button"
      class={cx('cell', props.bad && 'bad')}
      disabled={props.disabled}
      onClick={() => props.onClick()}
    >
      <CellBody {...props} />
      <Show when={props.turn}>{(shape) => <Icon shape={shape()} class="turn" flip />}</Show>
    </button>
  )
}

/** Something that is on or off. */
export function CellSwitch(
  props: CellProps & { on: boolean; disabled?: boolean; onChange: (on: boolean) => void },
) {
  return (
    <button
      type="button"
      class="cell"
      role="switch"
      aria-checked={props.on}
      disabled={props.disabled}
      onClick={() => props.onChange(!props.on)}
    >
      <CellBody {...props} />
      <i class="switch" aria-hidden="true" />
    </button>
  )
}
