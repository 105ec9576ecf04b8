import type { PlanAsk } from '@bellhop/core'
import ChevronDown from 'lucide-solid/icons/chevron-down'
import Pencil from 'lucide-solid/icons/pencil'
import { createSignal, Match, onCleanup, onMount, Show, Switch } from 'solid-js'
import { useTopColour } from '../../platform/theme-color.ts'
import { useApp } from '../../state/app-state.ts'
import { Bar } from '../../ui/bar.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import '../../ui/choice.css'
import { Icon } from '../../ui/icon.tsx'
import { Markdown } from '../../ui/markdown/markdown.tsx'
import { Segments } from '../../ui/segments.tsx'
import { titleOf } from '../sessions/arrange.ts'
import './plan-sheet.css'
import { createAnswering, type PromptProps } from './prompt-parts.tsx'

/** A plan over the whole screen: read it, change it, approve it, or send it back with what to change. */
export function PlanSheet(props: PromptProps) {
  const app = useApp()
  const ask = () => props.wait.ask as PlanAsk
  const answering = createAnswering(() => props.wait.permissionId)
  const [view, setView] = createSignal<'read' | 'edit' | 'back'>('read')
  const [plan, setPlan] = createSignal(ask().plan)
  const [mode, setMode] = createSignal(ask().modes[0]?.mode ?? '')
  const [reason, setReason] = createSignal('')
  let dialog!: HTMLDialogElement
  onMount(() => dialog.showModal())
  onCleanup(() => dialog.close())
  useTopColour(() => (props.hindrance ? 'fill' : 'waiting-field'))

  const edited = () => plan() !== ask().plan
  const approve = () =>
    app.answers.give(
      props.session.sessionId,
      props.wait,
      {
        type: 'decide_plan',
        decision: {
          behavior: 'approve',
          ...(edited() && { plan: plan() }),
          ...(mode() && { mode: mode() }),
        },
      },
      'Approving',
    )
  const sendBack = () =>
    app.answers.give(
      props.session.sessionId,
      props.wait,
      {
        type: 'decide_plan',
        decision: { behavior: 'reject', ...(reason().trim() && { reason: reason().trim() }) },
      },
      'Sending back',
    )
  const leave = () => (view() === 'read' ? props.onAside() : setView('read'))

  return (
    <dialog
      ref={dialog}
      class="plan"
      aria-labelledby="plan-title"
      onCancel={(event) => {
        event.preventDefault()
        leave()
      }}
    >
      <Bar field={props.hindrance === undefined}>
        <IconButton label={view() === 'read' ? 'Put aside' : 'Back to the plan'} onClick={leave}>
          <Icon shape={ChevronDown} size="large" />
        </IconButton>
        <div class="bar-who plan-who">
          <h1 id="plan-title" tabindex="-1" autofocus>
            {view() === 'edit'
              ? 'Your version'
              : view() === 'back'
                ? 'Keep planning'
                : 'Plan ready'}
          </h1>
          <p class="clip" dir="auto">
            {titleOf(props.session)}
          </p>
        </div>
        <Show when={view() === 'read' && !props.hindrance && !ask().fixed}>
          <IconButton label="Edit the plan" onClick={() => setView('edit')}>
            <Icon shape={Pencil} />
          </IconButton>
        </Show>
      </Bar>
      <main class="scroller plan-body" tabindex="0" aria-label="The plan">
        <Show when={view() === 'edit'} fallback={<Markdown text={plan()} />}>
          <textarea
            class="plan-text"
            aria-label="The plan"
            dir="auto"
            value={plan()}
            onInput={(event) => setPlan(event.currentTarget.value)}
          />
        </Show>
      </main>
      <footer class="foot plan-foot">
        <Show when={props.hindrance ?? answering.line()}>
          {(line) => (
            <p class="prompt-line" role="status">
              {line()}
            </p>
          )}
        </Show>
        <Switch>
          <Match when={props.hindrance}>{null}</Match>
          <Match when={view() === 'edit'}>
            <div class="actions">
              <Button big disabled={!edited()} onClick={() => setPlan(ask().plan)}>
                Reset
              </Button>
              <Button big kind="primary" onClick={() => setView('read')}>
                Done
              </Button>
            </div>
          </Match>
          <Match when={view() === 'back'}>
            <textarea
              class="input"
              rows="2"
              dir="auto"
              maxlength="4000"
              aria-label="What to change"
              placeholder="What to change"
              ref={(element) => queueMicrotask(() => element.focus())}
              value={reason()}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
            <div class="actions">
              <Button big onClick={() => setView('read')}>
                Back
              </Button>
              <Button big kind="primary" disabled={!!answering.busy()} onClick={sendBack}>
                {answering.busy() ?? 'Send back'}
              </Button>
            </div>
          </Match>
          <Match when={view() === 'read'}>
            <Show when={edited()}>
              <p class="hint">Your version. The agent is given this one.</p>
            </Show>
            <Show when={ask().modes.length > 1}>
              <p class="label-row" id="plan-modes">
                Then
              </p>
              <Segments
                labelledBy="plan-modes"
                choices={ask().modes.map((one) => ({ value: one.mode, words: one.words }))}
                value={mode()}
                onChange={setMode}
              />
            </Show>
            <div class="actions">
              <Button big disabled={!!answering.busy()} onClick={() => setView('back')}>
                Keep planning
              </Button>
              <Button big kind="primary" disabled={!!answering.busy()} onClick={approve}>
                {answering.busy() ?? 'Approve plan'}
              </Button>
            </div>
          </Match>
        </Switch>
      </footer>
    </dialog>
  )
}
