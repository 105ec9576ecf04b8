import { askWords, canBeAsked, roadOf, type ToolAsk } from '@bellhop/core'
import { createSignal, Match, Show, Switch } from 'solid-js'
import { useApp } from '../../state/app-state.ts'
import { Chip, Chips } from '../../ui/chip.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { AlwaysAllow } from './always-allow.tsx'
import { DecideFoot } from './decide-foot.tsx'
import { DenyNote } from './deny-note.tsx'
import { EditInput } from './edit-input.tsx'
import { PermissionInput } from './permission-input.tsx'
import { createAnswering, createSeenToEnd, From, type PromptProps } from './prompt-parts.tsx'

type View = 'ask' | 'edit' | 'always' | 'note'

/** The agent asks leave to do one thing: what kind of thing, exactly what, why, and the two buttons. */
export function PermissionSheet(props: PromptProps) {
  const [view, setView] = createSignal<View>('ask')
  const back = () => setView('ask')
  return (
    <Switch>
      <Match when={view() === 'ask'}>
        <Ask {...props} onView={setView} />
      </Match>
      <Match when={view() === 'edit'}>
        <EditInput {...props} onBack={back} />
      </Match>
      <Match when={view() === 'always'}>
        <AlwaysAllow {...props} onBack={back} />
      </Match>
      <Match when={view() === 'note'}>
        <DenyNote {...props} onBack={back} />
      </Match>
    </Switch>
  )
}

function Ask(props: PromptProps & { onView: (view: View) => void }) {
  const app = useApp()
  const ask = () => props.wait.ask as ToolAsk
  const answering = createAnswering(() => props.wait.permissionId)
  const end = createSeenToEnd()
  const can = (capability: 'edit_input' | 'always_allow') =>
    canBeAsked(roadOf(props.session, props.wait)?.capabilities ?? [], capability)
  const reason = () => {
    const { tool } = ask()
    return tool.kind === 'shell' ? tool.description : undefined
  }
  const give = (behavior: 'allow' | 'deny', words: string) =>
    app.answers.give(
      props.session.sessionId,
      props.wait,
      { type: 'decide_permission', decision: { behavior } },
      words,
    )

  return (
    <Sheet
      docks
      asks={props.hindrance === undefined}
      labelledBy="ask-title"
      onDismiss={props.onAside}
      bodyRef={end.bodyRef}
      head={
        <>
          <From session={props.session} wait={props.wait} right={props.position} />
          <h2 class="sheet-ask" id="ask-title">
            {askWords(ask())}
          </h2>
        </>
      }
      foot={
        <DecideFoot
          hindrance={props.hindrance}
          answering={answering}
          end={end}
          allowWords="Allow"
          offer={ask().careful ? 'careful' : 'primary'}
          fine={
            ask().tool.kind === 'shell'
              ? 'Counts for exactly this command, once.'
              : 'Counts for exactly this, once.'
          }
          onAllow={() => give('allow', 'Allowing')}
          onDeny={() => give('deny', 'Denying')}
        />
      }
    >
      <PermissionInput ask={ask()} cwd={props.session.cwd} />
      <div class="end-mark" ref={end.endRef} />
      <Show when={reason()}>
        {(words) => (
          <p class="said" dir="auto">
            <b>What the agent says it is for</b>
            {words()}
          </p>
        )}
      </Show>
      <Show when={!props.hindrance}>
        <Chips>
          <Show when={can('edit_input')}>
            <Chip onClick={() => props.onView('edit')}>Edit</Chip>
          </Show>
          <Show when={can('always_allow') && ask().suggestions.length > 0}>
            <Chip onClick={() => props.onView('always')}>Always allow</Chip>
          </Show>
          <Chip onClick={() => props.onView('note')}>Deny with a note</Chip>
        </Chips>
      </Show>
    </Sheet>
  )
}
