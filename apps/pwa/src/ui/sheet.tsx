import { type JSX, onCleanup, onMount } from 'solid-js'
import { wide } from '../platform/wide.ts'
import { cx } from './cx.ts'
import './sheet.css'

const DISMISS_PX = 96
const DISMISS_PX_PER_MS = 0.6

const motion = () => !matchMedia('(prefers-reduced-motion: reduce)').matches

/**
 * A sheet at the lower edge, modal unless it docks: follows a finger on its head, and goes away on a drag down, Esc or a tap beside
 * it. All three call `onDismiss`, which never stands for an answer.
 */
export function Sheet(props: {
  labelledBy: string
  tall?: boolean
  /** True where it may stand beside the page on a wide screen: nothing is covered and the rest can be worked. */
  docks?: boolean
  onDismiss: () => void
  head: JSX.Element
  /** True paints the head in brass: a person is needed. */
  asks?: boolean
  foot?: JSX.Element
  children: JSX.Element
  bodyRef?: (element: HTMLElement) => void
  onBodyScroll?: () => void
}) {
  let dialog!: HTMLDialogElement
  let leaving = false

  onMount(() => {
    if (props.docks && wide()) dialog.show()
    else dialog.showModal()
    // The dialog itself is only ever the target of a tap on the scrim around it.
    dialog.addEventListener('click', (event) => event.target === dialog && leave())
  })
  // Only a modal dialog is told of Esc by the browser.
  const onEscape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.isComposing || document.querySelector('dialog:modal'))
      return
    event.preventDefault()
    leave()
  }
  addEventListener('keydown', onEscape)
  onCleanup(() => {
    removeEventListener('keydown', onEscape)
    dialog.close()
  })

  const leave = () => {
    if (leaving) return
    leaving = true
    if (!motion()) return props.onDismiss()
    const slide = dialog.animate(
      [{ translate: dialog.style.translate || '0 0' }, { translate: '0 100%' }],
      {
        duration: 180,
        easing: 'cubic-bezier(0.2, 0, 0, 1)',
        fill: 'forwards',
      },
    )
    slide.onfinish = () => props.onDismiss()
  }

  const drag = (start: PointerEvent & { currentTarget: HTMLElement }) => {
    if ((start.target as HTMLElement).closest('button, a, input')) return
    const head = start.currentTarget
    head.setPointerCapture(start.pointerId)
    const from = start.clientY
    const since = start.timeStamp
    const move = (event: PointerEvent) => {
      dialog.style.translate = `0 ${Math.max(0, event.clientY - from)}px`
    }
    const end = (event: PointerEvent) => {
      head.removeEventListener('pointermove', move)
      const moved = event.clientY - from
      const speed = moved / Math.max(1, event.timeStamp - since)
      const away =
        event.type === 'pointerup' &&
        (moved > DISMISS_PX || (moved > 24 && speed > DISMISS_PX_PER_MS))
      if (away) leave()
      else dialog.style.translate = ''
    }
    head.addEventListener('pointermove', move)
    head.addEventListener('pointerup', end, { once: true })
    head.addEventListener('pointercancel', end, { once: true })
  }

  return (
    <dialog
      ref={dialog}
      class={cx('sheet', props.tall && 'tall')}
      aria-labelledby={props.labelledBy}
      onCancel={(event) => {
        event.preventDefault()
        leave()
      }}
    >
      <header
        class={cx('sheet-head', props.asks && 'field')}
        tabindex="-1"
        autofocus
        onPointerDown={drag}
      >
        <div class="sheet-grab" aria-hidden="true" />
        {props.head}
      </header>
      <div class="sheet-body" ref={props.bodyRef} onScroll={() => props.onBodyScroll?.()}>
        {props.children}
      </div>
      {props.foot && <footer class="sheet-foot">{props.foot}</footer>}
    </dialog>
  )
}
