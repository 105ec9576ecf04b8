import { createSignal, onMount, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import '../../ui/choice.css'
import { Sheet } from '../../ui/sheet.tsx'
import { createAnswering, From, type PromptProps } from './prompt-parts.tsx'

/** Says no and why, so that the agent can do something else. */
export function DenyNote(props: PromptProps & { onBack: () => void }) {
  const app = useApp()
  const answering = createAnswering(() => props.wait.permissionId)
  const [reason, setReason] = createSignal('')
  let box!: HTMLTextAreaElement
  onMount(() => box.focus())
  const deny = () =>
    app.answers.give(
      props.session.sessionId,
      props.wait,
      {
        type: 'decide_permission',
        decision: { behavior: 'deny', ...(reason().trim() && { reason: reason().trim() }) },
      },
      'Denying',
    )
  return (
    <Sheet
      docks
      asks
      labelledBy="note-title"
      onDismiss={props.onBack}
      head={
        <>
          <From session={props.session} wait={props.wait} right={props.position} />
          <h2 class="sheet-ask" id="note-title">
            Deny, and say why
          </h2>
        </>
      }
      foot={
        <>
          <Show when={props.hindrance ?? answering.line()}>
            {(line) => (
              <p class="prompt-line" role="status">
                {line()}
              </p>
            )}
          </Show>
          <div class="actions lead">
            <Button big onClick={() => props.onBack()}>
              Back
            </Button>
            <Button
              big
              kind="primary"
              disabled={!!answering.busy() || props.hindrance !== undefined}
              onClick={deny}
            >
              {answering.busy() ?? 'Deny'}
            </Button>
          </div>
        </>
      }
    >
      <textarea
        ref={box}
        class="input"
        rows="3"
        dir="auto"
        maxlength="4000"
        aria-label="Reason"
        placeholder="What it should do instead"
        value={reason()}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
    </Sheet>
  )
}
