import { Show } from 'solid-js'
import { copyText } from '../../platform/clipboard.ts'
import { clock } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import type { Outgoing } from '../../state/outbox-rules.ts'
import { Button } from '../../ui/button.tsx'
import { ReceiptMark } from '../../ui/receipt.tsx'
import { Slip } from '../../ui/slip.tsx'

/** A message on its way: how far it is, and what can still be done about it. */
export function OutgoingSlip(props: { entry: Outgoing; onEdit: (text: string) => void }) {
  const app = useApp()
  const text = () => props.entry.command.text
  const here = () => props.entry.stage === 'kept' || props.entry.stage === 'sending'
  const discard = () => app.outbox.discard(props.entry.command.commandId)
  const edit = () => {
    discard()
    props.onEdit(text())
  }
  return (
    <Slip
      who={`You, on ${app.pairing()?.name ?? 'this phone'}`}
      here={here()}
      text={text()}
      mark={<ReceiptMark stage={props.entry.stage} at={clock(props.entry.atMs)} />}
      foot={
        <>
          <Show when={props.entry.stage === 'kept'}>
            <span>Goes out when {app.machine()} answers.</span>
            <Button kind="link" onClick={edit}>
              Edit
            </Button>
            <Button kind="link" onClick={discard}>
              Discard
            </Button>
          </Show>
          <Show when={props.entry.stage === 'relay'}>
            <span>With the relay. The session has not taken it yet.</span>
          </Show>
          <Show when={props.entry.stage === 'refused'}>
            <span>{props.entry.text}</span>
            <Button kind="link" onClick={() => copyText(text())}>
              Copy
            </Button>
            <Button kind="link" onClick={edit}>
              Edit
            </Button>
            <Button kind="link" onClick={discard}>
              Discard
            </Button>
          </Show>
        </>
      }
    />
  )
}
