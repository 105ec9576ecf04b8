import { createSignal, type JSX, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { trailOf } from '../../state/trail.ts'
import { ReceiptMark, type ReceiptStage } from '../../ui/receipt.tsx'
import { Slip } from '../../ui/slip.tsx'
import { Trail } from '../../ui/trail.tsx'
import { useStory } from './session-context.ts'

/** What was sent through here, with its receipt; a tap on that shows where the words have been. */
export function OwnWords(props: {
  commandId: string
  who: JSX.Element
  foreign?: boolean
  text: string
  stage: ReceiptStage
  /** What stands in the receipt where the stage is not said in a word. */
  at: string
  here?: boolean
  foot?: JSX.Element
}) {
  const app = useApp()
  const story = useStory()
  const [open, setOpen] = createSignal(false)
  const steps = () => trailOf(app.outbox.trailOf(props.commandId), story(props.commandId))
  return (
    <Slip
      who={props.who}
      text={props.text}
      {...(props.here && { here: true })}
      {...(props.foreign && { foreign: true })}
      mark={
        <ReceiptMark
          stage={props.stage}
          at={props.at}
          open={open()}
          onOpen={steps().length > 0 ? () => setOpen(!open()) : undefined}
        />
      }
      foot={props.foot}
    >
      <Show when={open()}>
        <Trail steps={steps()} />
      </Show>
    </Slip>
  )
}
