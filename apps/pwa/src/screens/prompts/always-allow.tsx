import type { ToolAsk } from '@bellhop/core'
import { createSignal, For } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Choice } from '../../ui/choice.tsx'
import { CodeWords } from '../../ui/code-words.tsx'
import { AnswerStep } from './answer-step.tsx'
import type { PromptProps } from './prompt-parts.tsx'

/** Lets the call run and takes one of the offered rules along, each said in full. Nothing is chosen beforehand. */
export function AlwaysAllow(props: PromptProps & { onBack: () => void }) {
  const app = useApp()
  const [chosen, setChosen] = createSignal('')
  const suggestions = () => (props.wait.ask as ToolAsk).suggestions
  const allow = () =>
    app.answers.give(
      props.session.sessionId,
      props.wait,
      { type: 'decide_permission', decision: { behavior: 'allow', suggestionIds: [chosen()] } },
      'Allowing',
    )
  return (
    <AnswerStep
      {...props}
      titleId="always-title"
      title="Stop asking for this?"
      verb="Allow from now on"
      ready={chosen() !== ''}
      onAnswer={allow}
    >
      <fieldset class="choices" aria-labelledby="always-title">
        <For each={suggestions()}>
          {(suggestion) => (
            <Choice
              name="rule"
              checked={chosen() === suggestion.suggestionId}
              title={<CodeWords text={suggestion.words} />}
              note={suggestion.lasts}
              onChange={() => setChosen(suggestion.suggestionId)}
            />
          )}
        </For>
      </fieldset>
    </AnswerStep>
  )
}
