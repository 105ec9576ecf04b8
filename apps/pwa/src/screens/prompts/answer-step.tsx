import { type JSX, Show } from 'solid-js'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { createAnswering, From, type PromptProps } from './prompt-parts.tsx'

/** A second step of an answer, on a sheet of its own: what is being added, the way back, and the one button. */
export function AnswerStep(
  props: PromptProps & {
    onBack: () => void
    titleId: string
    title: string
    tall?: boolean
    /** What the button says until the answer is on its way. */
    verb: string
    /** Whether there is something to answer with. */
    ready: boolean
    onAnswer: () => void
    children: JSX.Element
  },
) {
  const answering = createAnswering(() => props.wait.permissionId)
  return (
    <Sheet
      docks
      asks
      {...(props.tall && { tall: true })}
      labelledBy={props.titleId}
      onDismiss={props.onBack}
      head={
        <>
          <From session={props.session} wait={props.wait} right={props.position} />
          <h2 class="sheet-ask" id={props.titleId}>
            {props.title}
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
              disabled={!props.ready || !!answering.busy() || props.hindrance !== undefined}
              onClick={() => props.onAnswer()}
            >
              {answering.busy() ?? props.verb}
            </Button>
          </div>
        </>
      }
    >
      {props.children}
    </Sheet>
  )
}
