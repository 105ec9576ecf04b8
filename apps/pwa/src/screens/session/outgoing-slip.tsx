import { Match, Show, Switch } from 'solid-js'
import { copyText } from '../../platform/clipboard.ts'
import { clock } from '../../platform/times.ts'
import { useApp } from '../../state/app-state.ts'
import type { Outgoing } from '../../state/outbox-rules.ts'
import { Button } from '../../ui/button.tsx'
import { OwnWords } from './own-words.tsx'

export const STORED_WORDS = 'Stored. The session has not said yet that it has it.'
export const DOUBT_WORDS = 'Handed on. The session has not said whether it has it.'

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
  const at = () => {
    const time = clock(props.entry.atMs)
    return props.entry.stage === 'processing' ? `${time}, being worked on` : time
  }
  return (
    <OwnWords
      commandId={props.entry.command.commandId}
      who={`You, on ${app.pairing()?.name ?? 'this phone'}`}
      here={here()}
      text={text()}
      stage={props.entry.stage}
      at={at()}
      foot={
        <Switch>
          <Match when={props.entry.stage === 'kept'}>
            <span>Goes out when {app.machine()} answers.</span>
            <Button kind="link" onClick={edit}>
              Edit
            </Button>
            <Button kind="link" onClick={discard}>
              Discard
            </Button>
          </Match>
          <Match when={props.entry.stage === 'relay'}>
            <span>With the relay. The session has not taken it yet.</span>
          </Match>
          <Match when={props.entry.stage === 'stored'}>
            <span>{STORED_WORDS}</span>
          </Match>
          <Match when={props.entry.stage === 'refused' || props.entry.stage === 'unconfirmed'}>
            <span>{props.entry.text ?? DOUBT_WORDS}</span>
            <Button kind="link" onClick={() => copyText(text())}>
              Copy
            </Button>
            <Show
              when={props.entry.stage === 'refused'}
              fallback={
                <Button kind="link" onClick={discard}>
                  Hide
                </Button>
              }
            >
              <Button kind="link" onClick={edit}>
                Edit
              </Button>
              <Button kind="link" onClick={discard}>
                Discard
              </Button>
            </Show>
          </Match>
        </Switch>
      }
    />
  )
}
