import { askWords, type OpenPermission } from '@bellhop/core'
import { For, Match, Switch } from 'solid-js'
import { MachineText } from '../../ui/machine-text.tsx'
import { PermissionInput } from './permission-input.tsx'

/** An ask of the session as it would be answered by somebody else: all of it, with nothing to choose. */
export function AskedWhole(props: { wait: OpenPermission; cwd: string | null }) {
  const as = <Kind extends OpenPermission['ask']['kind']>(kind: Kind) =>
    props.wait.ask.kind === kind
      ? (props.wait.ask as Extract<OpenPermission['ask'], { kind: Kind }>)
      : undefined
  return (
    <section class="asked-whole" aria-label="What the session asks">
      <h3 class="label-row">What the session asks: {askWords(props.wait.ask)}</h3>
      <Switch>
        <Match when={as('tool')}>{(ask) => <PermissionInput ask={ask()} cwd={props.cwd} />}</Match>
        <Match when={as('plan')}>
          {(ask) => (
            <p class="held-words" dir="auto">
              <MachineText text={ask().plan} />
            </p>
          )}
        </Match>
        <Match when={as('question')}>
          {(ask) => (
            <For each={ask().questions}>
              {(question) => (
                <div class="held-words" dir="auto">
                  <MachineText text={question.question} />
                  <ul>
                    <For each={question.choices}>
                      {(choice) => (
                        <li>
                          <MachineText text={choice.label} />
                        </li>
                      )}
                    </For>
                  </ul>
                </div>
              )}
            </For>
          )}
        </Match>
      </Switch>
    </section>
  )
}
