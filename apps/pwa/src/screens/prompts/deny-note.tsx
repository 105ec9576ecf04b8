import { createSignal, onMount } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import '../../ui/choice.css'
import { AnswerStep } from './answer-step.tsx'
import type { PromptProps } from './prompt-parts.tsx'

/** Says no and why, so that the agent can do something else. */
export function DenyNote(props: PromptProps & { onBack: () => void }) {
  const app = useApp()
  const [reason, setReason] = createSignal('')
  let box!: HTMLTextAreaElement
  // After the sheet has opened, which takes the focus to its head.
  onMount(() => queueMicrotask(() => box.focus()))
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
    <AnswerStep
      {...props}
      titleId="note-title"
      title="Deny, and say why"
      verb="Deny"
      ready
      onAnswer={deny}
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
    </AnswerStep>
  )
}
