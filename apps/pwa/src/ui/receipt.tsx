import Check from 'lucide-solid/icons/check'
import CheckCheck from 'lucide-solid/icons/check-check'
import Clock from 'lucide-solid/icons/clock'
import TriangleAlert from 'lucide-solid/icons/triangle-alert'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'
import './slip.css'

/** How far words got: still here, with the relay, taken by the session, or not taken. */
export type ReceiptStage = 'sending' | 'kept' | 'relay' | 'taken' | 'refused'

const SHAPES = {
  sending: Clock,
  kept: Clock,
  relay: Check,
  taken: CheckCheck,
  refused: TriangleAlert,
}
const SPOKEN = {
  sending: '',
  kept: '',
  relay: 'With the relay',
  taken: 'Taken by the session',
  refused: '',
}
const WORDS = {
  sending: 'Sending',
  kept: 'On this phone',
  relay: '',
  taken: '',
  refused: 'Not taken',
}

export function ReceiptMark(props: { stage: ReceiptStage; at?: string | undefined }) {
  return (
    <span
      class={cx('receipt', props.stage === 'taken' && 'taken', props.stage === 'refused' && 'bad')}
    >
      <Icon shape={SHAPES[props.stage]} />
      <span class="visually-hidden">{SPOKEN[props.stage]}</span>
      {WORDS[props.stage] || props.at}
    </span>
  )
}
