import type { ToolAsk } from '@bellhop/core'
import { createMemo, createSignal, onMount, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { editableInput, linesThatDiffer } from './editable-input.ts'
import { createAnswering, From, type PromptProps } from './prompt-parts.tsx'

/** Changes what would be done before it is allowed. */
export function EditInput(props: PromptProps & { onBack: () => void }) {
  const app = useApp()
  const answering = createAnswering(() => props.wait.permissionId)
  const original = createMemo(() => editableInput(props.wait.ask as ToolAsk))
  const [text, setText] = createSignal(original().text)
  let box!: HTMLTextAreaElement
  onMount(() => box.focus())

  const input = () => original().apply(text())
  const differs = () => linesThatDiffer(original().text, text())
  const words = () => {
    if (input() === undefined) return 'This is not a JSON object, so it cannot be the input.'
    if (differs() === 0) return 'Nothing differs from what was asked.'
    const lines = differs() === 1 ? '1 line differs' : `${differs()} lines differ`
    return `${lines} from what was asked. The agent goes on believing its own wording was used, so tell it if that matters.`
  }
  const allow = () => {
    const changed = input()
    if (!changed) return
    void app.answers.give(
      props.session.sessionId,
      props.wait,
      { type: 'decide_permission', decision: { behavior: 'allow', input: changed } },
      'Allowing',
    )
  }
  return (
    <Sheet
      docks
      asks
      tall
      labelledBy="edit-title"
      onDismiss={props.onBack}
      head={
        <>
          <From session={props.session} wait={props.wait} right={props.position} />
          <h2 class="sheet-ask" id="edit-title">
            Your version
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
              disabled={
                differs() === 0 || !input() || !!answering.busy() || props.hindrance !== undefined
              }
              onClick={allow}
            >
              {answering.busy() ?? 'Allow my version'}
            </Button>
          </div>
        </>
      }
    >
      <p class="label-row">
        <span class="clip">{original().what}</span>
        <Button kind="link" disabled={differs() === 0} onClick={() => setText(original().text)}>
          Reset
        </Button>
      </p>
      <textarea
        ref={box}
        class="edit-text machine"
        aria-label="Your version"
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class="hint" role="status">
        {words()}
      </p>
    </Sheet>
  )
}
