import Check from 'lucide-solid/icons/check'
import CheckCheck from 'lucide-solid/icons/check-check'
import CircleDashed from 'lucide-solid/icons/circle-dashed'
import Clock from 'lucide-solid/icons/clock'
import TriangleAlert from 'lucide-solid/icons/triangle-alert'
import { Show } from 'solid-js'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'
import './slip.css'

/** How far words got: still here, with the relay, stored, not confirmed, taken by the session, or not taken. */
export type ReceiptStage =
  | 'sending'
  | 'kept'
  | 'relay'
  | 'stored'
  | 'unconfirmed'
  | 'taken'
  | 'processing'
  | 'processed'
  | 'refused'

const SHAPES = {
  sending: Clock,
  kept: Clock,
  relay: Check,
  stored: Check,
  unconfirmed: CircleDashed,
  taken: CheckCheck,
  processing: CheckCheck,
  processed: CheckCheck,
  refused: TriangleAlert,
}
const SPOKEN: Partial<Record<ReceiptStage, string>> = {
  relay: 'With the relay',
  stored: 'Stored',
  taken: 'Taken by the session',
  processing: 'Taken by the session, being worked on',
  processed: 'Taken by the session',
}
const WORDS: Partial<Record<ReceiptStage, string>> = {
  sending: 'Sending',
  kept: 'On this phone',
  unconfirmed: 'Not confirmed',
  refused: 'Not taken',
}

/** With `onOpen` a button that shows or hides where the words have been. */
export function ReceiptMark(props: {
  stage: ReceiptStage
  at?: string | undefined
  open?: boolean
  onOpen?: (() => void) | undefined
}) {
  const tone = () => {
    if (['taken', 'processing', 'processed'].includes(props.stage)) return 'taken'
    return props.stage === 'refused' && 'bad'
  }
  const body = () => (
    <>
      <Icon shape={SHAPES[props.stage]} />
      <span class="visually-hidden">{SPOKEN[props.stage]} </span>
      {WORDS[props.stage] ?? props.at}
    </>
  )
  return (
    <Show when={props.onOpen} fallback={<span class={cx('receipt', tone())}>{body()}</span>}>
      {(toggle) => (
        <button
          type="button"
          class={cx('receipt', tone())}
          aria-expanded={props.open ?? false}
          onClick={() => toggle()()}
        >
          {body()}
        </button>
      )}
    </Show>
  )
}
