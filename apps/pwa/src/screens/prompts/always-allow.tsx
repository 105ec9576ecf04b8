import type { ToolAsk } from '@bellhop/core'
import { createSignal, For, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { CodeWords } from '../../ui/code-words.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { createAnswering, From, type PromptProps } from './prompt-parts.tsx'

/** Lets the call run and takes one of the offered rules along, each said in full. Nothing is chosen beforehand. */
export function AlwaysAllow(props: PromptProps & { onBack: () => void }) {
  const app = useApp()
  const answering = createAnswering(() => props.wait.permissionId)
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
    <Sheet
      docks
      asks
      labelledBy="always-title"
      onDismiss={props.onBack}
      head={
        <>
          <From session={props.session} wait={props.wait} right={props.position} />
          <h2 class="sheet-ask" id="always-title">
            Stop asking for this?
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
              disabled={chosen() === '' || !!answering.busy() || props.hindrance !== undefined}
              onClick={allow}
            >
              {answering.busy() ?? 'Allow from now on'}
            </Button>
          </div>
        </>
      }
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
    </Sheet>
  )
}
