import type { ToolAsk } from '@bellhop/core'
import { createMemo, createSignal, onMount } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import { AnswerStep } from './answer-step.tsx'
import { editableInput, linesThatDiffer } from './editable-input.ts'
import type { PromptProps } from './prompt-parts.tsx'

/** Changes what would be done before it is allowed. */
export function EditInput(props: PromptProps & { onBack: () => void }) {
  const app = useApp()
  const original = createMemo(() => editableInput(props.wait.ask as ToolAsk))
  const [text, setText] = createSignal(original().text)
  let box!: HTMLTextAreaElement
  // After the sheet has opened, which takes the focus to its head.
  onMount(() => queueMicrotask(() => box.focus()))

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
    <AnswerStep
      {...props}
      tall
      titleId="edit-title"
      title="Your version"
      verb="Allow my version"
      ready={differs() > 0 && input() !== undefined}
      onAnswer={allow}
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
    </AnswerStep>
  )
}
