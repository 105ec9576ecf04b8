import type { QuestionAsk } from '@bellhop/core'
import { createMemo, createSignal, For, Show } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { createAnswering, From, type PromptProps } from './prompt-parts.tsx'
import { emptyPicks, isAnswered, type Picks, pick, toAnswers, write } from './question-picks.ts'

/** Questions of the agent, one to a page; "Something else" takes any words, "Talk first" answers none. */
export function QuestionSheet(props: PromptProps) {
  const app = useApp()
  const answering = createAnswering(() => props.wait.permissionId)
  const questions = () => (props.wait.ask as QuestionAsk).questions
  const [page, setPage] = createSignal(0)
  const [picks, setPicks] = createSignal<readonly Picks[]>(questions().map(() => emptyPicks))
  const question = createMemo(() => questions()[page()] ?? questions()[0])
  const own = () => picks()[page()] ?? emptyPicks
  const last = () => page() === questions().length - 1
  const change = (next: Picks) => setPicks(picks().map((one, at) => (at === page() ? next : one)))

  const give = (answer: Parameters<typeof app.answers.give>[2], words: string) =>
    app.answers.give(props.session.sessionId, props.wait, answer, words)
  const send = () =>
    give(
      {
        type: 'answer_question',
        answer: { kind: 'answers', answers: toAnswers(questions(), picks()) },
      },
      'Answering',
    )
  const talk = async () => {
    await give({ type: 'answer_question', answer: { kind: 'talk' } }, 'Sending')
    if (app.answers.of(props.wait.permissionId)?.stage === 'taken') props.onTalk()
  }
  const onward = () => (last() ? void send() : setPage(page() + 1))

  return (
    <Sheet
      docks
      asks={props.hindrance === undefined}
      labelledBy="question-title"
      onDismiss={props.onAside}
      head={
        <>
          <From
            session={props.session}
            wait={props.wait}
            right={
              questions().length > 1 ? `${page() + 1} of ${questions().length}` : props.position
            }
          />
          <h2 class="sheet-ask" id="question-title" dir="auto">
            {question()?.question}
          </h2>
          <Show when={question()?.multiple}>
            <p class="sheet-from">Choose any number</p>
          </Show>
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
          <Show when={!props.hindrance}>
            <div class="actions">
              <Show
                when={page() > 0}
                fallback={
                  <Button big disabled={!!answering.busy()} onClick={talk}>
                    Talk first
                  </Button>
                }
              >
                <Button big disabled={!!answering.busy()} onClick={() => setPage(page() - 1)}>
                  Back
                </Button>
              </Show>
              <Button
                big
                kind="primary"
                disabled={!isAnswered(own()) || !!answering.busy()}
                onClick={onward}
              >
                {answering.busy() ?? (last() ? 'Answer' : 'Next')}
              </Button>
            </div>
          </Show>
        </>
      }
    >
      <fieldset class="choices" aria-labelledby="question-title" disabled={!!answering.busy()}>
        <For each={question()?.choices}>
          {(choice) => (
            <Choice
              name={`question-${page()}`}
              multiple={question()?.multiple ?? false}
              checked={own().choices.includes(choice.label)}
              title={choice.label}
              note={choice.description}
              onChange={(checked) =>
                change(pick(own(), choice.label, checked, question()?.multiple ?? false))
              }
            >
              <Show when={choice.preview}>
                {(preview) => <pre class="machine">{preview()}</pre>}
              </Show>
            </Choice>
          )}
        </For>
        <Choice
          name={`question-${page()}`}
          multiple={question()?.multiple ?? false}
          checked={own().other}
          title="Something else"
          {...(!own().other && { note: 'In your own words' })}
          onChange={(checked) =>
            change(write(own(), checked, own().text, question()?.multiple ?? false))
          }
        >
          <Show when={own().other}>
            <textarea
              class="input"
              rows="1"
              dir="auto"
              maxlength="4000"
              aria-label="Your own words"
              ref={(element) => queueMicrotask(() => element.focus())}
              value={own().text}
              onInput={(event) =>
                change(write(own(), true, event.currentTarget.value, question()?.multiple ?? false))
              }
            />
          </Show>
        </Choice>
      </fieldset>
    </Sheet>
  )
}
